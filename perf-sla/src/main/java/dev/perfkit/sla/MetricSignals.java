package dev.perfkit.sla;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;

/** Signals of metrics that other modules recorded, and of the host. */
final class MetricSignals {

  /** The subject of what has no tags. */
  static final String PROCESS = "process";

  private MetricSignals() {}

  static SignalReader host(DoubleSupplier value) {
    return (sources, numbers) -> numbers.accept(PROCESS, valueOf(value));
  }

  static SignalReader gauge(String name) {
    return (sources, numbers) -> gauges(sources.meters(), name).forEach(numbers);
  }

  static SignalReader gaugeRatio(String part, String whole) {
    return (sources, numbers) -> {
      Map<String, Double> wholes = gauges(sources.meters(), whole);
      gauges(sources.meters(), part)
          .forEach(
              (subject, value) -> {
                double of = wholes.getOrDefault(subject, Double.NaN);
                numbers.accept(subject, of > 0 ? value / of : Double.NaN);
              });
    };
  }

  static SignalReader ratio(Signal signal, List<String> parts, List<String> wholes, Window window) {
    return new Counted(signal, window) {
      @Override
      Map<String, long[]> totals(SignalReader.Sources sources) {
        Map<String, long[]> totals = new TreeMap<>();
        count(sources.meters(), parts, 0, totals);
        count(sources.meters(), wholes, 1, totals);
        return totals;
      }

      @Override
      double number(long part, long whole) {
        return (double) part / whole;
      }
    };
  }

  static SignalReader slower(Signal signal, String timer, Duration limit, Window window) {
    return new Counted(signal, window) {
      @Override
      Map<String, long[]> totals(SignalReader.Sources sources) {
        Map<String, long[]> totals = new TreeMap<>();
        for (Meters.Series series : sources.meters().series(Meters.Type.TIMER, timer)) {
          Reading all = ((Meters.TimerSeries) series).read(sources.scratch());
          totals.put(
              subject(series),
              new long[] {all.slower(Durations.saturatedNanos(limit)), all.count()});
        }
        return totals;
      }

      @Override
      double number(long slower, long count) {
        return slower;
      }
    };
  }

  /** Counts that only grow, and what they grew by in a window. */
  private abstract static class Counted implements SignalReader {

    private final Signal signal;
    private final long windowNanos;
    private final Map<String, Trail> trails = new HashMap<>();

    Counted(Signal signal, Window window) {
      this.signal = signal;
      this.windowNanos = window.length().toNanos();
    }

    /** Returns for each subject two counts since the beginning. */
    abstract Map<String, long[]> totals(SignalReader.Sources sources);

    /** Returns the number of a window in which the two grew by so much; the second is not 0. */
    abstract double number(long first, long second);

    @Override
    public void read(SignalReader.Sources sources, BiConsumer<String, Double> numbers) {
      Map<String, long[]> totals = totals(sources);
      trails.keySet().retainAll(totals.keySet());
      totals.forEach(
          (subject, now) -> {
            Trail trail = trails.computeIfAbsent(subject, made -> new Trail(windowNanos));
            long[] grown = trail.grownBy(sources.now(), now[0], now[1]);
            boolean enough = grown[1] >= Math.max(1, signal.leastEvents());
            numbers.accept(subject, enough ? number(grown[0], grown[1]) : Double.NaN);
          });
    }
  }

  private static void count(
      Meters meters, Collection<String> names, int which, Map<String, long[]> totals) {
    for (String name : names) {
      for (Meters.Series series : meters.series(Meters.Type.COUNTER, name)) {
        totals.computeIfAbsent(subject(series), made -> new long[2])[which] +=
            ((Meters.CounterSeries) series).count();
      }
    }
  }

  private static Map<String, Double> gauges(Meters meters, String name) {
    Map<String, Double> values = new TreeMap<>();
    for (Meters.Series series : meters.series(Meters.Type.GAUGE, name)) {
      values.put(subject(series), ((Meters.GaugeSeries) series).value());
    }
    return values;
  }

  /** Returns the tags as text, such as {@code node=primary,pool=main}. */
  static String subject(Meters.Series series) {
    StringBuilder text = new StringBuilder();
    series
        .metric()
        .tags()
        .forEach(
            (key, value) ->
                text.append(text.isEmpty() ? "" : ",").append(key).append('=').append(value));
    return text.isEmpty() ? PROCESS : text.toString();
  }

  /** A host's code that fails has no number. */
  private static double valueOf(DoubleSupplier value) {
    try {
      return value.getAsDouble();
    } catch (RuntimeException | LinkageError failure) {
      return Double.NaN;
    }
  }
}
