package dev.perfkit.crypto;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.Event.Severity;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.Telemetry.Counter;
import dev.perfkit.spi.Telemetry.Registration;
import dev.perfkit.spi.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/** What a keyring tells its host. */
final class KeyringSignals {

  private final String name;
  private final Telemetry telemetry;
  private final EventSink events;
  private final TimeSource time;
  private final List<Registration> gauges = new ArrayList<>();

  final Counter rotations;
  final Counter refreshFailures;
  final Counter leases;

  KeyringSignals(String name, Telemetry telemetry, EventSink events, TimeSource time) {
    this.name = name;
    this.telemetry = telemetry;
    this.events = events;
    this.time = time;
    rotations = telemetry.counter(metric("crypto.keyring.rotations", "new primary keys"));
    refreshFailures =
        telemetry.counter(metric("crypto.keyring.refresh_failures", "stores that were away"));
    leases = telemetry.counter(metric("crypto.keyring.leases", "leases of messages taken"));
  }

  void gauge(String metric, String unit, String help, DoubleSupplier value) {
    gauges.add(telemetry.gauge(metric(metric, help).unit(unit), value));
  }

  /** Sends an event; details are keys and values in turn. */
  void event(String type, Severity severity, String message, String... details) {
    Event event = Event.of("crypto/" + name, type, severity, time.currentTimeMillis(), message);
    for (int i = 0; i + 1 < details.length; i += 2) {
      event = event.with(details[i], details[i + 1]);
    }
    events.accept(event);
  }

  void close() {
    gauges.forEach(Registration::close);
  }

  private Metric metric(String metric, String help) {
    return Metric.named(metric).help(help).tag("keyring", name);
  }
}
