package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Proves which windows every export shows, and which others may be asked for. */
final class WindowTest {

  @Test
  void standard_always_isFromTenSecondsToThirtyDays() {
    assertThat(Window.standard().stream().map(Window::toString))
        .containsExactly("10s", "1m", "5m", "15m", "30m", "1h", "2h", "6h", "1d", "3d", "30d");
  }

  @Test
  void of_anyLengthToThirtyOneDays_isAllowed() {
    assertThat(Window.of(Duration.ofSeconds(77)))
        .hasToString("77s")
        .isEqualTo(Window.of(Duration.parse("PT1M17S")));
    assertThat(Window.of(Duration.ofHours(24))).isEqualTo(Window.ONE_DAY);
    assertThatIllegalArgumentException().isThrownBy(() -> Window.of(Duration.ofSeconds(9)));
    assertThatIllegalArgumentException().isThrownBy(() -> Window.of(Duration.ofDays(32)));
  }
}
