package dev.perfkit.pool;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the host and the log what happens to nodes. */
final class GroupEvents {

  private static final Logger LOG = LoggerFactory.getLogger(PoolGroup.class);

  private final String group;
  private final EventSink sink;
  private final TimeSource timeSource;

  GroupEvents(String group, EventSink sink, TimeSource timeSource) {
    this.group = group;
    this.sink = sink;
    this.timeSource = timeSource;
  }

  void nodeDown(PoolNode node, String problem) {
    LOG.warn("pool group '{}': node '{}' is down: {}", group, node.name(), problem);
    boolean primary = node.label() == NodeRole.PRIMARY;
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

  private void tell(PoolNode node, String type, Event.Severity severity, String message) {
    sink.accept(
        Event.of("pool/" + group, type, severity, timeSource.currentTimeMillis(), message)
            .with("node", node.name()));
  }
}
