package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What windows and objectives say about what was recorded, as fake time goes by. */
class ServiceWindowsTest {

  private static final Slo FAST = Slo.latency(0.9, Duration.ofMillis(200));
  private static final Slo AVAILABLE = Slo.availability(0.9);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final SlaMonitor monitor =
      SlaMonitor.named("test").timeSource(time).scheduler(scheduler).maximumServices(3).build();
  private final Service api = monitor.service("api", AVAILABLE, FAST);

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void window_withoutRequests_hasNoDataInsteadOfNumbers() {
    time.advance(Duration.ofMinutes(3));
    WindowSnapshot window = api.window(Window.ONE_MINUTE);
    assertThat(window.isEmpty()).isTrue();
    assertThat(window.errorRate()).isEmpty();
    assertThat(window.percentile(0.99)).isEmpty();
    assertThat(window.mean()).isEmpty();
    assertThat(window.throughput()).isZero();
    assertThat(api.compliance(FAST).state()).isEqualTo(Compliance.State.NO_DATA);
    assertThat(api.budget(AVAILABLE).remaining()).isEmpty();
  }

  @Test
  void window_afterItsLength_forgetsWhatTheLongerOnesKeep() {
    api.record(Duration.ofMillis(5), Outcome.success());
    time.advance(Duration.ofSeconds(30));
    assertThat(api.window(Window.TEN_SECONDS).count()).isZero();
    assertThat(api.window(Window.ONE_MINUTE).count()).isEqualTo(1);
    time.advance(Duration.ofHours(3));
    assertThat(api.window(Window.TWO_HOURS).count()).isZero();
    assertThat(api.window(Window.SIX_HOURS).count()).isEqualTo(1);
  }

  @Test
  void compliance_countsExactlyUpToTheThreshold() {
    api.record(Duration.ofMillis(200), Outcome.success());
    api.record(Duration.ofMillis(200).plusNanos(1), Outcome.success());
    api.record(Duration.ofMillis(10), Outcome.failure());
    Compliance fast = api.compliance(FAST);
    assertThat(fast.good()).isEqualTo(1);
    assertThat(fast.bad()).isEqualTo(1);
    assertThat(fast.total()).as("a fast failure is neither good nor bad").isEqualTo(2);
    api.record(Duration.ofMillis(201), Outcome.failure());
    assertThat(api.compliance(FAST).bad()).as("a slow failure is bad").isEqualTo(2);
    api.record(Duration.ofMillis(1), Outcome.success());
    assertThat(api.compliance(AVAILABLE).good()).isEqualTo(3);
    assertThat(api.compliance(AVAILABLE).bad()).isEqualTo(2);
    assertThat(api.compliance(AVAILABLE).ratio().orElseThrow()).isEqualTo(3.0 / 5);
  }

  @Test
  void budget_overspent_isNegative() {
    for (int i = 0; i < 10; i++) {
      api.record(Duration.ofMillis(1), i < 8 ? Outcome.success() : Outcome.failure());
    }
    ErrorBudget budget = api.budget(AVAILABLE);
    assertThat(budget.spent()).isEqualTo(2);
    assertThat(budget.allowed()).isCloseTo(1.0, within(1e-9));
    assertThat(budget.remaining().orElseThrow()).isCloseTo(-1.0, within(1e-9));
  }

  @Test
  void percentile_ofFiveDistributions_isWithinThreePercent() {
    Random random = new Random(7);
    assertPercentiles("log-uniform", () -> 1e4 * Math.exp(12 * random.nextDouble()));
    assertPercentiles("uniform", () -> 1 + 5e8 * random.nextDouble());
    assertPercentiles("exponential", () -> -2e7 * Math.log(1 - random.nextDouble()));
    assertPercentiles("lognormal", () -> 3e7 * Math.exp(1.5 * random.nextGaussian()));
    assertPercentiles("Pareto", () -> 1e6 / Math.pow(1 - random.nextDouble(), 1 / 1.2));
    assertPercentiles("two peaks", () -> random.nextInt(20) == 0 ? 2.013e9 : 1.7e6);
  }

  private static void assertPercentiles(String name, DoubleSupplier draw) {
    SlaMonitor own = SlaMonitor.named(name).build();
    Service api = own.service("api", FAST);
    long[] nanos =
        DoubleStream.generate(draw)
            .mapToLong(duration -> Math.max(1, Math.min((long) duration, Buckets.MAX_NANOS)))
            .limit(20_000)
            .sorted()
            .toArray();
    for (long duration : nanos) {
      api.record(duration, Outcome.success());
    }
    for (double share : new double[] {0.5, 0.9, 0.99, 0.999}) {
      double exact = nanos[(int) Math.ceil(share * nanos.length) - 1];
      double told = api.window(Window.ONE_MINUTE).percentile(share).orElseThrow().toNanos();
      assertThat(told).as(name).isCloseTo(exact, within(0.03 * exact));
    }
    own.close();
  }

  @Test
  void record_negativeOrAbsurdDuration_isCountedAndNeverThrows() {
    api.record(Duration.ofSeconds(-5), Outcome.success());
    api.record(Duration.ofDays(100_000), Outcome.success());
    api.record(Long.MIN_VALUE, Outcome.success());
    api.record(Long.MAX_VALUE, Outcome.success());
    assertThat(api.window(Window.ONE_MINUTE).count()).isEqualTo(4);
    assertThat(api.window(Window.ONE_MINUTE).percentile(0.5)).contains(Duration.ofNanos(1));
    assertThat(api.window(Window.ONE_MINUTE).percentile(1).orElseThrow())
        .isBetween(Duration.ofHours(4), Duration.ofHours(5));
    assertThat(monitor.prometheus()).contains("sla_durations_clamped_total 4\n");
  }

  @Test
  void state_ofExactlyTheTarget_isMetAndOneMoreIsMissed() {
    record(9, Outcome.success());
    record(1, Outcome.failure());
    assertThat(api.compliance(AVAILABLE).state()).isEqualTo(Compliance.State.MET);
    assertThat(api.budget(AVAILABLE).consumed()).hasValue(1);
    record(1, Outcome.failure());
    assertThat(api.compliance(AVAILABLE).state()).isEqualTo(Compliance.State.MISSED);
  }

  @Test
  void compliance_periodOfTheObjective_isItsWindow() {
    Slo brief = AVAILABLE.over(Duration.ofMinutes(5));
    Service service = monitor.service("brief", AVAILABLE, brief);
    service.record(1, Outcome.failure());
    time.advance(Duration.ofMinutes(10));
    assertThat(service.compliance(brief).state()).isEqualTo(Compliance.State.NO_DATA);
    assertThat(service.compliance(AVAILABLE).state()).isEqualTo(Compliance.State.MISSED);
    assertThat(service.compliance(brief, Window.ONE_HOUR).bad()).isEqualTo(1);
  }

  @Test
  void compliance_objectiveOfAnotherService_isRefused() {
    assertThatThrownBy(() -> api.compliance(Slo.availability(0.5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("service 'api'")
        .hasMessageContaining("availability-50");
  }

  @Test
  void startAndEnd_timeBetween_isTheDuration() {
    long started = api.start();
    time.advance(Duration.ofMillis(40));
    api.end(started, Outcome.status(503));
    WindowSnapshot window = api.window(Window.ONE_MINUTE);
    assertThat(window.errors()).isEqualTo(1);
    assertThat(window.status(5)).isEqualTo(1);
    assertThat(window.percentile(1).orElseThrow())
        .isBetween(Duration.ofMillis(39), Duration.ofMillis(41));
  }

  @Test
  void throughput_overTheTimeCovered_isPerSecond() {
    record(600, Outcome.success());
    assertThat(api.window(Window.ONE_HOUR).throughput()).as("no time yet").isEqualTo(600);
    time.advance(Duration.ofSeconds(30));
    assertThat(api.window(Window.ONE_HOUR).throughput()).isEqualTo(20);
    assertThat(api.window(Window.ONE_HOUR).covered()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void tick_lateByAMinute_isOneLongSlotThatShortWindowsStillSee() {
    // A task that takes a minute holds back the ticks, as a stopped process would.
    var unused =
        scheduler.schedule(() -> time.advance(Duration.ofMinutes(1)), 1, TimeUnit.MILLISECONDS);
    time.advance(Duration.ofMillis(1));
    record(5, Outcome.success());
    time.advance(Duration.ofSeconds(2));
    record(2, Outcome.success());
    WindowSnapshot window = api.window(Window.TEN_SECONDS);
    assertThat(window.count()).isEqualTo(7);
    assertThat(window.covered()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(63));
  }

  @Test
  void wallClock_jumpsEitherWay_windowsDoNotNotice() {
    record(3, Outcome.success());
    time.setWallClock(Instant.EPOCH);
    time.advance(Duration.ofSeconds(5));
    time.setWallClock(Instant.parse("2100-01-01T00:00:00Z"));
    assertThat(api.window(Window.TEN_SECONDS).count()).isEqualTo(3);
    time.advance(Duration.ofSeconds(20));
    assertThat(api.window(Window.TEN_SECONDS).count()).isZero();
  }

  @Test
  void service_overTheLimit_isCountedTogetherAndSaidInHealth() {
    monitor.service("b");
    monitor.service("c");
    assertThat(monitor.health().status()).isEqualTo(Health.Status.UP);
    for (int i = 0; i < 1_000_000; i++) {
      monitor.recordMetric("user-made-" + i, Duration.ofMillis(1), true, 200);
    }
    assertThat(monitor.services()).hasSize(4);
    Service overflow = monitor.service("one more");
    assertThat(overflow.isOverflow()).isTrue();
    assertThat(overflow.window(Window.ONE_MINUTE).count()).isEqualTo(1_000_000);
    assertThat(monitor.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(monitor.health().reason()).contains("maximumServices");
  }

  @Test
  void service_sameNameOtherObjectives_isRefused() {
    assertThat(monitor.service("api", AVAILABLE, FAST)).isSameAs(api);
    assertThatThrownBy(() -> monitor.service("api", AVAILABLE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("api");
    assertThatThrownBy(() -> monitor.service(" ")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void slo_wrongNumbers_areRefusedWithRuleAndValue() {
    assertThatThrownBy(() -> Slo.availability(1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1.5");
    assertThatThrownBy(() -> Slo.latency(0.95, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SlaMonitor.named("m").maximumServices(0))
        .hasMessage("maximumServices must be between 1 and 10000 but was 0");
    assertThatThrownBy(() -> SlaMonitor.named("m").maximumSeries(5))
        .hasMessageContaining("maximumSeries");
  }

  private void record(int times, Outcome outcome) {
    for (int i = 0; i < times; i++) {
      api.record(Duration.ofMillis(1), outcome);
    }
  }
}
