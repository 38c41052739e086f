package dev.perfkit.pool;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the host and the log what happens to nodes. */
final class GroupEvents {

  private static final Logger LOG = LoggerFactory.getLogger(PoolGroup.class);

  private final String group;
  private final EventSink sink;
  private final TimeSource timeSource;
  private final Telemetry.Counter failovers;

  GroupEvents(String group, EventSink sink, Telemetry telemetry, TimeSource timeSource) {
    this.group = group;
    this.sink = sink;
    this.timeSource = timeSource;
    this.failovers =
        telemetry.counter(
            Metric.named("pool.failovers")
                .tag("pool", group)
                .help("times another node became the one to write to"));
  }

  /**
   * @param primary whether it took the writes
   */
  void nodeDown(PoolNode node, boolean primary, String problem) {
    LOG.warn("pool group '{}': node '{}' is down: {}", group, node.name(), problem);
    tell(
        node,
        "node-down",
        primary ? Event.Severity.CRITICAL : Event.Severity.WARNING,
        "node '" + node.name() + "' is down: " + problem);
  }

  void nodeUp(PoolNode node, NodeRole role) {
    LOG.info("pool group '{}': node '{}' answers again as {}", group, node.name(), role);
    tell(
        node,
        "node-up",
        Event.Severity.INFO,
        "node '" + node.name() + "' answers again as " + role);
  }

  void roleChanged(PoolNode node, NodeRole before, NodeRole now) {
    LOG.warn("pool group '{}': node '{}' was {} and is {}", group, node.name(), before, now);
    tell(
        node,
        "role-changed",
        Event.Severity.WARNING,
        "node '" + node.name() + "' was " + before + " and is " + now);
  }

  void primaryChanged(PoolNode former, PoolNode now, long timeline) {
    failovers.increment();
    String message = "writes go to node '" + now.name() + "', before to '" + former.name() + "'";
    LOG.warn("pool group '{}': {}", group, message);
    sink.accept(
        event("primary-changed", Event.Severity.WARNING, message)
            .with("node", now.name())
            .with("former", former.name())
            .with("timeline", String.valueOf(timeline)));
  }

  void noPrimary(String vacancy) {
    String message = "no node takes writes: " + vacancy;
    LOG.error("pool group '{}': {}", group, message);
    sink.accept(event("no-primary", Event.Severity.CRITICAL, message));
  }

  void refused(PoolNode node, Refusal refusal) {
    LOG.error("pool group '{}': node '{}' is refused: {}", group, node.name(), refusal.reason());
    tell(
        node,
        refusal.type(),
        refusal.severity(),
        "node '" + node.name() + "' is refused: " + refusal.reason());
  }

  void released(PoolNode node, int connections, String why) {
    LOG.warn(
        "pool group '{}': node '{}': ended {} connections in use: {}",
        group,
        node.name(),
        connections,
        why);
    tell(
        node,
        "connections-ended",
        Event.Severity.WARNING,
        "node '" + node.name() + "': ended " + connections + " connections in use: " + why);
  }

  void ejected(PoolNode node, Duration howLong, int repeats) {
    String message =
        "node '"
            + node.name()
            + "' answers but fails its callers: left alone for "
            + howLong.toMillis()
            + " ms, repetition "
            + repeats;
    LOG.warn("pool group '{}': {}", group, message);
    tell(node, "node-ejected", Event.Severity.WARNING, message);
  }

  void readmitted(PoolNode node) {
    tell(
        node,
        "node-readmitted",
        Event.Severity.INFO,
        "node '" + node.name() + "' gets work again, little at first");
  }

  void panic() {
    String message = "less than half of the nodes can be used: those left alone get work, too";
    LOG.warn("pool group '{}': {}", group, message);
    sink.accept(event("panic", Event.Severity.WARNING, message));
  }

  void drained(String what, boolean inTime) {
    sink.accept(
        event(
            "drained",
            inTime ? Event.Severity.INFO : Event.Severity.WARNING,
            what + (inTime ? " is drained" : " was drained, connections in use were ended")));
  }

  void credentialsReplaced(String what) {
    sink.accept(event("credentials-replaced", Event.Severity.INFO, what));
  }

  private Event event(String type, Event.Severity severity, String message) {
    return Event.of("pool/" + group, type, severity, timeSource.currentTimeMillis(), message);
  }

  private void tell(PoolNode node, String type, Event.Severity severity, String message) {
    sink.accept(event(type, severity, message).with("node", node.name()));
  }
}
