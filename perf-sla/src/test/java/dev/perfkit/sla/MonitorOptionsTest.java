package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Metric;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that every option of a monitor does what it says, and what is told when limits are hit.
 */
final class MonitorOptionsTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final RecordingEvents events = RecordingEvents.create();
  private SlaMonitor monitor = options().build();

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void exactSum_on_keepsTheMeanToTheNanosecond() {
    monitor = options().exactSum(true).build();
    Service api = monitor.service("api");
    api.record(100_000_001, Outcome.success());
    api.record(100_000_003, Outcome.failure());
    assertThat(api.window(Window.ONE_MINUTE).mean()).contains(Duration.ofNanos(100_000_002));
    time.advance(Duration.ofHours(2));
    api.record(100_000_002, Outcome.success());
    assertThat(api.window(Window.ONE_DAY).mean()).contains(Duration.ofNanos(100_000_002));
    assertThat(monitor.prometheus())
        .contains(
            "sla_request_duration_seconds_sum{outcome=\"success\",service=\"api\"} 0.200000003")
        .contains(
            "sla_request_duration_seconds_sum{outcome=\"failure\",service=\"api\"} 0.100000003");
  }

  @Test
  void exactSum_off_estimatesTheMean() {
    Service api = monitor.service("api");
    api.record(100_000_001, Outcome.success());
    assertThat(api.window(Window.ONE_MINUTE).mean().orElseThrow())
        .isNotEqualTo(Duration.ofNanos(100_000_001))
        .isBetween(Duration.ofMillis(98), Duration.ofMillis(102));
  }

  @Test
  void defaultObjectives_set_areThoseOfServicesThatNameNone() {
    Slo own = Slo.availability(0.5);
    monitor = options().defaultObjectives(own).build();
    assertThat(monitor.service("a").objectives()).containsExactly(own);
    monitor.recordMetric("b", Duration.ofMillis(1), true, 0);
    assertThat(monitor.service("b").objectives()).containsExactly(own);
    assertThat(monitor.service("c", new Slo[0]).objectives()).isEmpty();
    assertThat(options().build().service("d").objectives())
        .isEqualTo(SlaMonitor.DEFAULT_OBJECTIVES);
  }

  @Test
  void build_objectivesThatDoNotGoTogether_namesAllProblems() {
    Slo[] tooMany =
        IntStream.rangeClosed(1, 17)
            .mapToObj(i -> Slo.latency(0.9, Duration.ofMillis(i)).named("same"))
            .toArray(Slo[]::new);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().defaultObjectives(tooMany).build())
        .withMessageContaining("monitor 'test'")
        .withMessageContaining("at most 16")
        .withMessageContaining("unique names")
        .withMessageContaining("at most 8 different thresholds but was 17");
  }

  @Test
  void telemetry_set_getsTheMonitorsOwnMeasurements() {
    RecordingTelemetry host = RecordingTelemetry.create();
    monitor = options().telemetry(host).build();
    monitor.service("api").record(-1, Outcome.success());
    time.advance(Duration.ofSeconds(1));
    assertThat(host.count("sla.durations.clamped")).isEqualTo(1);
    assertThat(host.value("sla.services")).isEqualTo(1);
    assertThat(host.durations("sla.tick")).hasSize(8);
    assertThat(monitor.prometheus()).doesNotContain("sla_durations_clamped");
    monitor.close();
    assertThat(host.metrics()).doesNotContain(Metric.named("sla.services"));
  }

  @Test
  void events_limitOfServicesReached_isToldOnce() {
    monitor = options().maximumServices(1).build();
    IntStream.range(0, 5).forEach(i -> monitor.service("service " + i));
    time.advance(Duration.ofSeconds(1));
    assertThat(events.types()).containsExactly("services-overflowed");
    Event event = events.events().get(0);
    assertThat(event.source()).isEqualTo("sla/test");
    assertThat(event.message()).contains("maximumServices must cover all services but is 1");
  }

  @Test
  void events_sinkThatFails_stopsNothing() {
    monitor =
        options()
            .maximumServices(1)
            .events(
                event -> {
                  throw new IllegalStateException("a host's sink");
                })
            .build();
    monitor.service("a").record(1, Outcome.success());
    monitor.service("b");
    time.advance(Duration.ofSeconds(30));
    assertThat(monitor.service("a").window(Window.TEN_SECONDS).count()).isZero();
    assertThat(scheduler.failures()).isEmpty();
  }

  @Test
  void maximumMemory_reached_coarsensThePastAndSaysSo() {
    monitor = options().maximumMemory(ByteSize.ofMebibytes(1)).defaultObjectives().build();
    Random random = new Random(1);
    for (int second = 0; second < 700; second++) {
      for (int service = 0; service < 3; service++) {
        for (int i = 0; i < 300; i++) {
          monitor
              .service("s" + service)
              .record((long) Math.exp(30 * random.nextDouble()), Outcome.success());
        }
      }
      time.advance(Duration.ofSeconds(1));
    }
    long bytes = 0;
    for (Service service : monitor.services()) {
      bytes += service.recorder().historyBytes();
      assertThat(service.window(Window.ONE_HOUR).count()).isEqualTo(700 * 300);
    }
    assertThat(bytes).isLessThan(1 << 20);
    assertThat(events.types()).containsExactly("history-coarsened");
    assertThat(monitor.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(monitor.health().reason()).contains("maximumMemory");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().maximumMemory(ByteSize.ofKibibytes(1)))
        .withMessage("maximumMemory must be between 1 MiB and 64 GiB but was 1 KiB");
  }

  @Test
  void maximumSeries_reached_countsTheRestTogetherAndSaysSo() {
    monitor = options().maximumSeries(10).build();
    for (int i = 0; i < 50; i++) {
      monitor.telemetry().counter(Metric.named("things").tag("id", "i" + i)).add(2);
    }
    assertThat(monitor.prometheus()).contains("things_total{overflow=\"true\"} 88\n");
    assertThat(monitor.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(monitor.health().reason()).contains("things", "limit of 10 series");
    time.advance(Duration.ofSeconds(1));
    assertThat(events.types()).containsExactly("series-refused");
  }

  @Test
  void health_schedulerThatStandsStill_isDegradedUntilItRunsAgain() {
    assertThat(monitor.health().status()).isEqualTo(Health.Status.UP);
    boolean[] late = {false};
    var unused =
        scheduler.schedule(
            () -> {
              time.advance(Duration.ofSeconds(11));
              late[0] = monitor.health().status() == Health.Status.DEGRADED;
            },
            1,
            TimeUnit.MILLISECONDS);
    time.advance(Duration.ofSeconds(1));
    assertThat(late[0]).isTrue();
    assertThat(monitor.health().status()).isEqualTo(Health.Status.UP);
  }

  @Test
  void close_hostsScheduler_keepsItAndLeavesNoTask() {
    assertThat(scheduler.waiting()).isEqualTo(1);
    monitor.close();
    assertThat(scheduler.waiting()).isZero();
    assertThat(scheduler.isShutdown()).isFalse();
  }

  @Test
  void record_afterClose_isStillCounted() {
    Service api = monitor.service("api");
    monitor.close();
    api.record(1, Outcome.success());
    assertThat(api.window(Window.ONE_MINUTE).count()).isEqualTo(1);
    assertThat(monitor.json()).contains("\"status\":\"DOWN\"");
  }

  @Test
  void export_outputThatFails_throwsWhatItThrew() {
    Appendable full = new FullDisk();
    assertThat(catchThrowable(() -> monitor.prometheus(full))).isInstanceOf(IOException.class);
    assertThat(catchThrowable(() -> monitor.json(full))).isInstanceOf(IOException.class);
  }

  private SlaMonitorBuilder options() {
    return SlaMonitor.named("test").timeSource(time).scheduler(scheduler).events(events);
  }

  private static final class FullDisk implements Appendable {

    @Override
    public Appendable append(CharSequence text) throws IOException {
      throw new IOException("full");
    }

    @Override
    public Appendable append(CharSequence text, int start, int end) throws IOException {
      throw new IOException("full");
    }

    @Override
    public Appendable append(char c) throws IOException {
      throw new IOException("full");
    }
  }
}
