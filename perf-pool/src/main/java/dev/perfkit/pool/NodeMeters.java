package dev.perfkit.pool;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/** The measurements of one node. */
final class NodeMeters {

  final Telemetry.Timer borrows;
  final Telemetry.Counter borrowFailures;
  final Telemetry.Counter reruns;
  final Telemetry.Counter aborted;
  final Telemetry.Counter ejections;
  private final Telemetry.Counter answers;
  private final Telemetry.Counter failures;
  private final Telemetry.Counter timeouts;

  private final Telemetry telemetry;
  private final String group;
  private final String node;
  private final List<Telemetry.Registration> gauges = new ArrayList<>();

  NodeMeters(Telemetry telemetry, String group, String node) {
    this.telemetry = telemetry;
    this.group = group;
    this.node = node;
    borrows = telemetry.timer(metric("pool.borrow").help("time until a connection was borrowed"));
    borrowFailures =
        telemetry.counter(metric("pool.borrow.failures").help("borrows that got no connection"));
    reruns =
        telemetry.counter(
            metric("pool.reruns").help("reads that lost this node and were run on another"));
    aborted =
        telemetry.counter(
            metric("pool.aborted").help("connections in use that were ended with their node"));
    ejections = telemetry.counter(metric("pool.ejections").help("times the node's breaker opened"));
    answers = probes("answered");
    failures = probes("failed");
    timeouts = probes("timeout");
  }

  void answered() {
    answers.increment();
  }

  void failed() {
    failures.increment();
  }

  void timedOut() {
    timeouts.increment();
  }

  void gauge(String name, String help, DoubleSupplier value) {
    gauges.add(telemetry.gauge(metric(name).help(help), value));
  }

  void close() {
    gauges.forEach(Telemetry.Registration::close);
  }

  private Telemetry.Counter probes(String outcome) {
    return telemetry.counter(metric("pool.probes").tag("outcome", outcome).help("role probes"));
  }

  private Metric metric(String name) {
    return Metric.named(name).tag("pool", group).tag("node", node);
  }
}
