package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The example of the README, executed. */
class ReadmeTest {

  @Test
  void smallest_runs() {
    // region: smallest
    SlaMonitor sla = SlaMonitor.create();
    Service api =
        sla.service("api", Slo.availability(0.999), Slo.latency(0.95, Duration.ofMillis(200)));

    long started = api.start();
    // ... answer the request
    api.end(started, Outcome.status(200));
    api.record(Duration.ofMillis(150), Outcome.success());

    WindowSnapshot lastMinute = api.window(Window.ONE_MINUTE); // count, errors, percentiles
    Compliance fast = api.compliance(api.objectives().get(1)); // MET, MISSED or NO_DATA
    String forPrometheus = sla.prometheus();
    // endregion: smallest
    assertThat(lastMinute.count()).isEqualTo(2);
    assertThat(fast.good()).isEqualTo(2);
    assertThat(forPrometheus).contains("sla_request_duration_seconds_count");
    sla.close();
  }
}
