package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Proves how objectives are named, compared and refused, and that their arithmetic is exact. */
final class SloTest {

  @Test
  void name_notGiven_saysWhatIsPromised() {
    assertThat(Slo.availability(0.999).name()).isEqualTo("availability-99.9");
    assertThat(Slo.latency(0.95, Duration.ofMillis(200)).name()).isEqualTo("latency-95-200ms");
    assertThat(Slo.latency(0.9, Duration.ofMinutes(2)).over(Duration.ofDays(7)).name())
        .isEqualTo("latency-90-2m-7d");
    assertThat(Slo.availability(0.999).named("login").over(Duration.ofHours(1)).name())
        .isEqualTo("login");
  }

  @Test
  void equals_anyPartDiffers_isNotEqual() {
    Slo slo = Slo.latency(0.95, Duration.ofMillis(200));
    assertThat(slo).isEqualTo(Slo.latency(0.950, Duration.parse("PT0.2S")));
    assertThat(slo).hasSameHashCodeAs(Slo.latency(0.95, Duration.ofMillis(200)));
    assertThat(slo)
        .isNotEqualTo(Slo.latency(0.95, Duration.ofMillis(201)))
        .isNotEqualTo(Slo.latency(0.96, Duration.ofMillis(200)))
        .isNotEqualTo(Slo.availability(0.95))
        .isNotEqualTo(slo.over(Duration.ofDays(1)))
        .isNotEqualTo(slo.named("other"));
  }

  @Test
  void state_hugeCounts_isExactToOneRequest() {
    Slo slo = Slo.availability(0.999);
    long total = 9_000_000_000_000_000L;
    long allowed = total / 1_000;
    Duration day = Duration.ofDays(1);
    assertThat(new Compliance(slo, day, total - allowed, allowed).state())
        .isEqualTo(Compliance.State.MET);
    assertThat(new Compliance(slo, day, total - allowed - 1, allowed + 1).state())
        .isEqualTo(Compliance.State.MISSED);
  }

  @Test
  void factories_outOfRange_nameRuleAndValue() {
    for (double target : new double[] {0, 1, -0.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Slo.availability(target))
          .withMessage("target must be over 0 and under 1 but was " + target);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.latency(0.9, Duration.ofHours(5)))
        .withMessage("threshold must be at most 4 hours but was PT5H");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.availability(0.9).over(Duration.ofDays(401)))
        .withMessageContaining("period");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.availability(0.9).named(" "))
        .withMessageContaining("objective name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Window.of(Duration.ofSeconds(9)))
        .withMessageContaining("window");
  }

  @Test
  void outcome_ofStatus_failsFrom500() {
    assertThat(Outcome.status(404).isSuccess()).isTrue();
    assertThat(Outcome.status(500).isSuccess()).isFalse();
    assertThat(Outcome.status(500).status()).isEqualTo(500);
    assertThat(Outcome.of(false, 200).isSuccess()).isFalse();
    assertThat(Outcome.of(true, 999)).isSameAs(Outcome.success());
    assertThat(Outcome.of(false, -1)).isSameAs(Outcome.failure());
  }
}
