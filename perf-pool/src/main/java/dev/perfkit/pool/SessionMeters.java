package dev.perfkit.pool;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;

/** The measurements of a group's sessions. */
final class SessionMeters {

  final Telemetry.Counter captured;
  final Telemetry.Counter notCaptured;
  final Telemetry.Counter malformed;
  final Telemetry.Counter foreign;
  final Telemetry.Counter beyond;
  final Telemetry.Counter onReplica;
  final Telemetry.Counter onPrimary;
  final Telemetry.Counter refused;
  final Telemetry.Timer waits;

  private final Telemetry telemetry;
  private final String group;

  SessionMeters(Telemetry telemetry, String group) {
    this.telemetry = telemetry;
    this.group = group;
    captured = captures("captured");
    notCaptured = captures("failed");
    malformed = rejections("malformed");
    foreign = rejections("other_system");
    beyond = rejections("beyond_primary");
    onReplica = reads("replica");
    onPrimary = reads("primary");
    refused = reads("refused");
    waits = telemetry.timer(metric("pool.session.waits").help("waits for a replica to catch up"));
  }

  private Telemetry.Counter captures(String outcome) {
    return telemetry.counter(
        metric("pool.session.captures").tag("outcome", outcome).help("positions of commits"));
  }

  private Telemetry.Counter rejections(String reason) {
    return telemetry.counter(
        metric("pool.session.tokens.rejected")
            .tag("reason", reason)
            .help("tokens that name no position of this cluster"));
  }

  private Telemetry.Counter reads(String where) {
    return telemetry.counter(
        metric("pool.session.reads")
            .tag("where", where)
            .help("reads that had to see something, by where they went"));
  }

  private Metric metric(String name) {
    return Metric.named(name).tag("pool", group);
  }
}
