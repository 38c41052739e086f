package dev.perfkit.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Proves that tests can trust what they read from the recording telemetry. */
class RecordingTelemetryTest {

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final Metric users = Metric.named("cache.gets").tag("cache", "users");

  @Test
  void count_byTags_sumsTheSeriesThatHaveThem() {
    telemetry.counter(users.tag("result", "hit")).add(3);
    telemetry.counter(users.tag("result", "miss")).add(4);
    telemetry.counter(Metric.named("cache.gets").tag("cache", "orders")).add(5);
    assertThat(telemetry.count("cache.gets")).isEqualTo(12);
    assertThat(telemetry.count("cache.gets", "cache", "users")).isEqualTo(7);
    assertThat(telemetry.count("cache.gets", "result", "miss", "cache", "users")).isEqualTo(4);
  }

  @Test
  void count_neverResolved_failsWithWhatThereIs() {
    telemetry.counter(users);
    assertThat(telemetry.count("cache.gets")).isZero();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> telemetry.count("cache.get"))
        .withMessage("expected a counter cache.get{} but there are [cache.gets{cache=users}]");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> telemetry.count("cache.gets", "cache", "orders"));
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> telemetry.durations("cache.gets"));
  }

  @Test
  void durations_recorded_areInOrder() {
    telemetry.timer(users).record(30);
    telemetry.timer(users).record(20);
    assertThat(telemetry.durations("cache.gets"))
        .containsExactly(Duration.ofNanos(30), Duration.ofNanos(20));
  }

  @Test
  void value_severalOrClosed_fails() {
    Telemetry.Registration one = telemetry.gauge(users, () -> 1);
    Telemetry.Registration two = telemetry.gauge(users.tag("a", "b"), () -> 2);
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> telemetry.value("cache.gets"))
        .withMessage("gauge cache.gets[] must be one but was 2");
    assertThat(telemetry.value("cache.gets", "a", "b")).isEqualTo(2);
    two.close();
    assertThat(telemetry.value("cache.gets")).isEqualTo(1);
    one.close();
    assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> telemetry.value("cache.gets"));
    assertThat(telemetry.metrics()).isEmpty();
  }

  @Test
  void resolve_asAnotherKind_isRefused() {
    telemetry.counter(users);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> telemetry.timer(users))
        .withMessage(
            "metric cache.gets{cache=users} must be of one kind but is both a counter and a timer");
    assertThatIllegalArgumentException().isThrownBy(() -> telemetry.gauge(users, () -> 1));
    Metric timer = Metric.named("cache.loads");
    telemetry.timer(timer);
    assertThatIllegalArgumentException().isThrownBy(() -> telemetry.counter(timer));
  }

  @Test
  void add_negative_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> telemetry.counter(users).add(-1));
    assertThat(telemetry.count("cache.gets")).isZero();
  }

  @Test
  void tags_unpaired_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> telemetry.count("cache.gets", "cache"))
        .withMessage("tags must be keys and values in turn");
  }
}
