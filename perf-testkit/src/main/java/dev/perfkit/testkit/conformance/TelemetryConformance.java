package dev.perfkit.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Telemetry} must do: the same metric is the same series, no measurement is lost
 * between threads, a gauge is read live and ends when told.
 */
@Beta
public abstract class TelemetryConformance {

  /** A telemetry and a look behind it. */
  public interface Subject {

    /** Returns the telemetry under test. */
    Telemetry telemetry();

    /** Returns what the counter of that metric has counted. */
    long count(Metric counter);

    /** Returns how many durations the timer of that metric has recorded. */
    long recordings(Metric timer);

    /** Returns the sum of the durations that the timer of that metric has recorded. */
    Duration total(Metric timer);

    /** Reads the gauge of that metric; empty if there is none, or it has no value. */
    OptionalDouble value(Metric gauge);
  }

  private static final int THREADS = 4;
  private static final int ROUNDS = 10_000;

  private final Metric metric =
      Metric.named("conformance.things").unit("things").help("Things.").tag("kit", "a");
  private Subject subject;

  /** For subclasses. */
  protected TelemetryConformance() {}

  /** Makes a fresh telemetry; called once for each test. */
  protected abstract Subject create();

  /**
   * Returns whether measurements can be read back; true unless the implementation drops them, as
   * {@link Telemetry#none} does. Without it only that nothing fails is tested.
   */
  protected boolean measures() {
    return true;
  }

  @BeforeEach
  final void make() {
    subject = create();
  }

  @Test
  final void handles_ofAnyKind_areUsableAtOnce() {
    counter(metric).add(0);
    counter(metric).increment();
    timer(metric.tag("kind", "timer")).record(1);
    Telemetry.Registration gauge = telemetry().gauge(metric.tag("kind", "gauge"), () -> 1);
    gauge.close();
    gauge.close();
  }

  @Test
  final void counter_addAndIncrement_areSummed() {
    assumeTrue(measures());
    Telemetry.Counter counter = counter(metric);
    counter.add(40);
    counter.increment();
    counter.increment();
    counter.add(0);
    assertThat(subject.count(metric)).isEqualTo(42);
  }

  @Test
  final void counter_sameMetricResolvedAgain_isTheSameSeries() {
    assumeTrue(measures());
    counter(metric).add(1);
    counter(metric).add(2);
    counter(metric.unit("").help("Other words.")).add(4);
    assertThat(subject.count(metric)).isEqualTo(7);
  }

  @Test
  final void counter_otherTagValueOrName_isAnotherSeries() {
    assumeTrue(measures());
    counter(metric).add(1);
    counter(metric.tag("kit", "b")).add(2);
    counter(Metric.named("conformance.others").tag("kit", "a")).add(4);
    assertThat(subject.count(metric)).isEqualTo(1);
    assertThat(subject.count(metric.tag("kit", "b"))).isEqualTo(2);
    assertThat(subject.count(Metric.named("conformance.others").tag("kit", "a"))).isEqualTo(4);
  }

  @Test
  final void counter_manyThreads_losesNothing() {
    assumeTrue(measures());
    Together.run(THREADS, i -> () -> repeat(() -> counter(metric).increment()));
    Telemetry.Counter shared = counter(metric);
    Together.run(THREADS, i -> () -> repeat(shared::increment));
    assertThat(subject.count(metric)).isEqualTo(2L * THREADS * ROUNDS);
  }

  @Test
  final void timer_durations_areCountedAndSummed() {
    assumeTrue(measures());
    timer(metric).record(Duration.ofMillis(20).toNanos());
    timer(metric).record(Duration.ofMillis(30).toNanos());
    timer(metric).record(0);
    assertThat(subject.recordings(metric)).isEqualTo(3);
    assertTotal(Duration.ofMillis(50));
  }

  @Test
  final void timer_negativeDuration_countsAsZero() {
    assumeTrue(measures());
    timer(metric).record(Duration.ofMillis(20).toNanos());
    timer(metric).record(-Duration.ofMillis(5).toNanos());
    timer(metric).record(Long.MIN_VALUE);
    assertThat(subject.recordings(metric)).isEqualTo(3);
    assertTotal(Duration.ofMillis(20));
  }

  @Test
  final void timer_manyThreads_losesNothing() {
    assumeTrue(measures());
    Together.run(THREADS, i -> () -> repeat(() -> timer(metric).record(1_000)));
    assertThat(subject.recordings(metric)).isEqualTo((long) THREADS * ROUNDS);
  }

  @Test
  final void gauge_valueThatChanges_isReadWhenCollected() {
    assumeTrue(measures());
    AtomicReference<Double> value = new AtomicReference<>(1.5);
    Telemetry.Registration unused = telemetry().gauge(metric, value::get);
    assertThat(subject.value(metric)).hasValue(1.5);
    value.set(-2.0);
    assertThat(subject.value(metric)).hasValue(-2.0);
  }

  @Test
  final void gauge_notANumber_isNoValue() {
    assumeTrue(measures());
    Telemetry.Registration unused = telemetry().gauge(metric, () -> Double.NaN);
    assertThat(subject.value(metric)).isEmpty();
  }

  @Test
  final void gauge_secondOfTheSameMetric_replacesTheFirst() {
    assumeTrue(measures());
    Telemetry.Registration first = telemetry().gauge(metric, () -> 1);
    Telemetry.Registration unused = telemetry().gauge(metric, () -> 2);
    assertThat(subject.value(metric)).hasValue(2);
    first.close();
    assertThat(subject.value(metric)).as("after the replaced one was closed").hasValue(2);
  }

  @Test
  final void gauge_closed_endsAndCanBeRegisteredAgain() {
    assumeTrue(measures());
    Telemetry.Registration first = telemetry().gauge(metric, () -> 1);
    first.close();
    assertThat(subject.value(metric)).isEmpty();
    Telemetry.Registration unused = telemetry().gauge(metric, () -> 3);
    first.close();
    assertThat(subject.value(metric)).hasValue(3);
  }

  @Test
  final void gauge_closed_leavesOthersAlone() {
    assumeTrue(measures());
    Telemetry.Registration unused = telemetry().gauge(metric.tag("kit", "b"), () -> 2);
    telemetry().gauge(metric, () -> 1).close();
    assertThat(subject.value(metric.tag("kit", "b"))).hasValue(2);
  }

  private Telemetry telemetry() {
    return subject.telemetry();
  }

  private Telemetry.Counter counter(Metric of) {
    return telemetry().counter(of);
  }

  private Telemetry.Timer timer(Metric of) {
    return telemetry().timer(of);
  }

  private void assertTotal(Duration expected) {
    assertThat(subject.total(metric).toNanos() / 1e6)
        .as("total of the timer in milliseconds")
        .isCloseTo((double) expected.toMillis(), within(1.0));
  }

  private static void repeat(Runnable code) {
    for (int i = 0; i < ROUNDS; i++) {
      code.run();
    }
  }
}
