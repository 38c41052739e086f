package dev.perfkit.sla;

import java.time.Duration;
import java.util.function.BiConsumer;

/** Signals of services: numbers of their windows, not a number if too few requests are in it. */
final class ServiceSignals {

  private ServiceSignals() {}

  /** Tells the number of a service. */
  interface Formula {
    double of(Signal signal, Service service, Workspace scratch);
  }

  /** Makes readers that tell a number of each service, of what was in a window. */
  record EachService(Window window, Formula formula) implements Signal.Source {

    @Override
    public SignalReader reader(Signal signal) {
      return (sources, numbers) -> read(signal, sources, numbers);
    }

    private void read(
        Signal signal, SignalReader.Sources sources, BiConsumer<String, Double> numbers) {
      for (Service service : sources.services().all()) {
        if (signal.isOf(service)) {
          numbers.accept(service.name(), formula.of(signal, service, sources.scratch()));
        }
      }
    }
  }

  static EachService percentile(double share, Window window) {
    return counted(
        window,
        snapshot ->
            snapshot
                .percentile(share)
                .map(duration -> Durations.toSeconds(duration.toNanos()))
                .orElse(Double.NaN));
  }

  static EachService errorRate(Window window) {
    return counted(window, snapshot -> snapshot.errorRate().orElse(Double.NaN));
  }

  static EachService slower(Duration limit, Window window) {
    return counted(window, snapshot -> snapshot.slower(limit));
  }

  static EachService throughput(Window window) {
    return new EachService(
        window, (signal, service, scratch) -> service.window(window, scratch).throughput());
  }

  static EachService throughputDrop(Window now, Window before) {
    Window both = Window.of(now.length().plus(before.length()));
    return new EachService(
        now,
        (signal, service, scratch) ->
            drop(signal, service.window(now, scratch), service.window(both, scratch), before));
  }

  /** A service that is younger than both windows has no rate to compare with. */
  private static double drop(
      Signal signal, WindowSnapshot now, WindowSnapshot both, Window before) {
    Duration span = both.covered().minus(now.covered());
    if (span.compareTo(before.length()) < 0) {
      return Double.NaN;
    }
    double rate = (both.count() - now.count()) / Durations.toSeconds(span.toNanos());
    double expected = rate * Durations.toSeconds(now.covered().toNanos());
    return expected < signal.leastEvents() ? Double.NaN : 1 - now.count() / expected;
  }

  private interface Of {
    double snapshot(WindowSnapshot snapshot);
  }

  private static EachService counted(Window window, Of number) {
    return new EachService(
        window,
        (signal, service, scratch) -> {
          WindowSnapshot snapshot = service.window(window, scratch);
          return snapshot.count() < signal.leastEvents() ? Double.NaN : number.snapshot(snapshot);
        });
  }
}
