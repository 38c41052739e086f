package dev.perfkit.testkit.conformance;

import static dev.perfkit.testkit.conformance.KitRun.assertCaught;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.testkit.RecordingTelemetry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Proves that every telemetry of the SPI and the testkit conforms, and that the kit catches the
 * mistakes a telemetry is likely to have.
 */
class TelemetryConformanceTest {

  @Nested
  class None extends TelemetryConformance {

    @Override
    protected Subject create() {
      return new Recorded(RecordingTelemetry.create(), Telemetry.none());
    }

    @Override
    protected boolean measures() {
      return false;
    }
  }

  @Nested
  class Recording extends TelemetryConformance {

    @Override
    protected Subject create() {
      RecordingTelemetry telemetry = RecordingTelemetry.create();
      return new Recorded(telemetry, telemetry);
    }
  }

  @Nested
  class Guarded extends TelemetryConformance {

    @Override
    protected Subject create() {
      RecordingTelemetry telemetry = RecordingTelemetry.create();
      return new Recorded(
          telemetry,
          Telemetry.guarded(
              telemetry,
              failure -> {
                throw new AssertionError(failure);
              }));
    }
  }

  @Test
  void kit_counterThatIsNotAtomic_fails() {
    assertCaught(NotAtomic.class, "counter_manyThreads_losesNothing");
  }

  @Test
  void kit_seriesForEachResolution_fails() {
    assertCaught(NewSeriesEachTime.class, "counter_sameMetricResolvedAgain_isTheSameSeries");
  }

  @Test
  void kit_tagsIgnored_fails() {
    assertCaught(IgnoresTags.class, "counter_otherTagValueOrName_isAnotherSeries");
    assertCaught(IgnoresTags.class, "gauge_closed_leavesOthersAlone");
  }

  @Test
  void kit_helpIdentifiesTheSeries_fails() {
    assertCaught(HelpIdentifies.class, "counter_sameMetricResolvedAgain_isTheSameSeries");
  }

  @Test
  void kit_negativeDurationSubtracted_fails() {
    assertCaught(SubtractsNegative.class, "timer_negativeDuration_countsAsZero");
  }

  @Test
  void kit_gaugeReadOnce_fails() {
    assertCaught(ReadsGaugeOnce.class, "gauge_valueThatChanges_isReadWhenCollected");
  }

  @Test
  void kit_firstGaugeStays_fails() {
    assertCaught(KeepsFirstGauge.class, "gauge_secondOfTheSameMetric_replacesTheFirst");
  }

  @Test
  void kit_closeEndsWhateverIsThere_fails() {
    assertCaught(ClosesWhatever.class, "gauge_secondOfTheSameMetric_replacesTheFirst");
    assertCaught(ClosesWhatever.class, "gauge_closed_endsAndCanBeRegisteredAgain");
  }

  @Test
  void kit_closeDoesNothing_fails() {
    assertCaught(NeverCloses.class, "gauge_closed_endsAndCanBeRegisteredAgain");
  }

  @Test
  void kit_timerInMicroseconds_fails() {
    assertCaught(Microseconds.class, "timer_durations_areCountedAndSummed");
  }

  /** A recording telemetry behind the one that is tested. */
  private record Recorded(RecordingTelemetry recording, Telemetry telemetry)
      implements TelemetryConformance.Subject {

    @Override
    public long count(Metric counter) {
      return recording.count(counter.name(), tags(counter));
    }

    @Override
    public long recordings(Metric timer) {
      return recording.durations(timer.name(), tags(timer)).size();
    }

    @Override
    public Duration total(Metric timer) {
      return recording.durations(timer.name(), tags(timer)).stream()
          .reduce(Duration.ZERO, Duration::plus);
    }

    @Override
    public OptionalDouble value(Metric gauge) {
      if (!recording.metrics().contains(gauge)) {
        return OptionalDouble.empty();
      }
      double value = recording.value(gauge.name(), tags(gauge));
      return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private static String[] tags(Metric metric) {
      return metric.tags().entrySet().stream()
          .flatMap(tag -> Stream.of(tag.getKey(), tag.getValue()))
          .toArray(String[]::new);
    }
  }

  /** A telemetry as one writes it at first; each subclass makes one mistake. */
  private static class Naive implements Telemetry, TelemetryConformance.Subject {

    final Map<Object, AtomicLong> counts = new ConcurrentHashMap<>();
    final Map<Object, AtomicLong> nanos = new ConcurrentHashMap<>();
    final Map<Object, DoubleSupplier> gauges = new ConcurrentHashMap<>();

    Object key(Metric metric) {
      return metric;
    }

    @Override
    public Counter counter(Metric metric) {
      return number(counts, metric)::addAndGet;
    }

    @Override
    public Timer timer(Metric metric) {
      return value -> {
        number(counts, metric).incrementAndGet();
        number(nanos, metric).addAndGet(counted(value));
      };
    }

    long counted(long value) {
      return Math.max(0, value);
    }

    @Override
    public Registration gauge(Metric metric, DoubleSupplier value) {
      gauges.put(key(metric), value);
      return () -> gauges.remove(key(metric), value);
    }

    @Override
    public Telemetry telemetry() {
      return this;
    }

    @Override
    public long count(Metric counter) {
      return number(counts, counter).get();
    }

    @Override
    public long recordings(Metric timer) {
      return number(counts, timer).get();
    }

    @Override
    public Duration total(Metric timer) {
      return Duration.ofNanos(number(nanos, timer).get());
    }

    @Override
    public OptionalDouble value(Metric gauge) {
      return Optional.ofNullable(gauges.get(key(gauge))).stream()
          .mapToDouble(DoubleSupplier::getAsDouble)
          .filter(value -> !Double.isNaN(value))
          .findFirst();
    }

    AtomicLong number(Map<Object, AtomicLong> numbers, Metric metric) {
      return numbers.computeIfAbsent(key(metric), same -> new AtomicLong());
    }
  }

  static class NotAtomic extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        public Counter counter(Metric metric) {
          AtomicLong count = number(counts, metric);
          return amount -> {
            long seen = count.get();
            LockSupport.parkNanos(1);
            count.set(seen + amount);
          };
        }
      };
    }
  }

  static class NewSeriesEachTime extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        public Counter counter(Metric metric) {
          AtomicLong fresh = new AtomicLong();
          counts.put(metric, fresh);
          return fresh::addAndGet;
        }
      };
    }
  }

  static class IgnoresTags extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        Object key(Metric metric) {
          return metric.name();
        }
      };
    }
  }

  static class HelpIdentifies extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        Object key(Metric metric) {
          return metric + metric.help();
        }
      };
    }
  }

  static class SubtractsNegative extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        long counted(long value) {
          return value;
        }
      };
    }
  }

  static class Microseconds extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        long counted(long value) {
          return Math.max(0, value / 1_000);
        }
      };
    }
  }

  static class ReadsGaugeOnce extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        public Registration gauge(Metric metric, DoubleSupplier value) {
          double once = value.getAsDouble();
          return super.gauge(metric, () -> once);
        }
      };
    }
  }

  static class KeepsFirstGauge extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        public Registration gauge(Metric metric, DoubleSupplier value) {
          gauges.putIfAbsent(metric, value);
          return () -> gauges.remove(metric, value);
        }
      };
    }
  }

  static class ClosesWhatever extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        public Registration gauge(Metric metric, DoubleSupplier value) {
          gauges.put(metric, value);
          return () -> gauges.remove(metric);
        }
      };
    }
  }

  static class NeverCloses extends TelemetryConformance {
    @Override
    protected Subject create() {
      return new Naive() {
        @Override
        public Registration gauge(Metric metric, DoubleSupplier value) {
          gauges.put(metric, value);
          return () -> {};
        }
      };
    }
  }
}
