package dev.perfkit.pool;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes replicas that are too far behind out of the rotation.
 *
 * <p>Bytes are the distance to the primary's last known position. Time is the age, on our own
 * clock, of the oldest position of the primary that the replica has not replayed: the time stamps
 * of the log would grow old on a primary where nothing is written. While the primary does not tell
 * its position, every replica stays in or out as it was.
 */
final class ReplicationLag {

  private static final Logger LOG = LoggerFactory.getLogger(PoolGroup.class);

  /** How far behind a replica was when it was last asked. */
  private static final class Behind {

    final LagGate gate;
    volatile long bytes;
    volatile long nanos;
    volatile boolean closed;

    /** Guarded by the lock. */
    long lsn;

    Behind(LagGate gate) {
      this.gate = gate;
    }
  }

  private final String group;
  private final ReplicaReads reads;
  private final long knownNanos;
  private final TimeSource timeSource;
  private final EventSink events;
  private final ReentrantLock lock = new ReentrantLock();
  private final LagHistory history = new LagHistory();
  private final Map<PoolNode, Behind> replicas = new LinkedHashMap<>();
  private volatile boolean told;
  private volatile long askedNanos;
  private long system;
  private long timeline;
  private long inserted;

  /**
   * @param patience how long the primary's position counts after it was asked for
   */
  ReplicationLag(
      String group,
      ReplicaReads reads,
      Duration patience,
      TimeSource timeSource,
      EventSink events) {
    this.group = group;
    this.reads = reads;
    this.knownNanos = patience.toNanos();
    this.timeSource = timeSource;
    this.events = events;
  }

  /** Before the first position; replicas do not change later. */
  void watch(PoolNode node) {
    Behind behind =
        new Behind(new LagGate(reads.maximumLagSize().toBytes(), reads.maximumLag().toNanos()));
    replicas.put(node, behind);
    node.meters().gauge("pool.node.lag", "time behind the primary", () -> seconds(behind.nanos));
    node.meters().gauge("pool.node.lag_bytes", "log not yet replayed", () -> behind.bytes);
  }

  private static double seconds(long nanos) {
    return nanos / (double) TimeUnit.SECONDS.toNanos(1);
  }

  /** The primary has come so far. */
  void inserted(PoolNode primary, WalPosition position) {
    Behind behind = replicas.get(primary);
    lock.lock();
    try {
      if (system != position.system() || timeline != position.timeline()) {
        history.clear();
        system = position.system();
        timeline = position.timeline();
      }
      inserted = position.lsn();
      history.add(position.lsn(), position.askedNanos());
      askedNanos = position.askedNanos();
      told = true;
      if (behind != null) {
        behind.lsn = position.lsn();
      }
    } finally {
      lock.unlock();
    }
    if (behind != null) {
      settle(primary, behind, 0, 0);
    }
  }

  /** A replica has come so far. */
  void replayed(PoolNode replica, WalPosition position) {
    Behind behind = replicas.get(replica);
    if (behind == null || !isKnown()) {
      return;
    }
    long bytes;
    long nanos;
    lock.lock();
    try {
      if (position.system() != system) {
        return;
      }
      bytes = Math.max(0, inserted - position.lsn());
      nanos = history.ageBeyond(position.lsn(), position.askedNanos());
      behind.lsn = position.lsn();
      history.forgetUpTo(replicas.values().stream().mapToLong(b -> b.lsn).min().orElse(0));
    } finally {
      lock.unlock();
    }
    settle(replica, behind, bytes, nanos);
  }

  /** For the one thread that has the answer of this node. */
  private void settle(PoolNode node, Behind behind, long bytes, long nanos) {
    behind.bytes = bytes;
    behind.nanos = nanos;
    boolean was = behind.closed;
    behind.closed = behind.gate.update(bytes, nanos);
    node.lags(behind.closed);
    if (was != behind.closed) {
      tell(node, behind);
    }
  }

  private void tell(PoolNode node, Behind behind) {
    String message =
        "replica '"
            + node.name()
            + "' is "
            + describe(behind)
            + (behind.closed ? ": reads go elsewhere" : ": it is read from again");
    if (behind.closed) {
      LOG.warn("pool group '{}': {}", group, message);
    } else {
      LOG.info("pool group '{}': {}", group, message);
    }
    events.accept(
        Event.of(
                "pool/" + group,
                behind.closed ? "replica-lagging" : "replica-caught-up",
                behind.closed ? Event.Severity.WARNING : Event.Severity.INFO,
                timeSource.currentTimeMillis(),
                message)
            .with("node", node.name()));
  }

  private static String describe(Behind behind) {
    long millis = TimeUnit.NANOSECONDS.toMillis(behind.nanos);
    return ByteSize.ofBytes(behind.bytes) + " and " + millis + " ms behind the primary";
  }

  private boolean isKnown() {
    return told && timeSource.nanoTime() - askedNanos <= knownNanos;
  }

  /** Adds to a group's health which replicas are too far behind, or that nobody knows. */
  Health addTo(Health health) {
    List<String> wrong = new ArrayList<>();
    replicas.forEach(
        (node, behind) -> {
          if (behind.closed) {
            wrong.add("replica '" + node.name() + "' is " + describe(behind));
          }
        });
    if (told && !isKnown()) {
      wrong.add(
          "the primary does not tell its log position: replicas stay in or out of the rotation as"
              + " they were");
    }
    return wrong.isEmpty() ? health : worse(health, String.join("; ", wrong));
  }

  private static Health worse(Health health, String wrong) {
    Health.Status status =
        Health.Status.DEGRADED.isWorseThan(health.status())
            ? Health.Status.DEGRADED
            : health.status();
    String reason = health.reason().isEmpty() ? wrong : health.reason() + "; " + wrong;
    Health all = Health.of(status, reason);
    for (Map.Entry<String, String> detail : health.details().entrySet()) {
      all = all.with(detail.getKey(), detail.getValue());
    }
    return all;
  }
}
