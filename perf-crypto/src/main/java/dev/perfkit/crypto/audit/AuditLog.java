package dev.perfkit.crypto.audit;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.WorkerThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log of one node, in a file. Every entry is authenticated with HMAC-SHA-256 under a key
 * that is replaced by HKDF and erased when the entry is written: who takes the node over later can
 * neither change nor remove what was logged before without {@link AuditVerifier} seeing it. The
 * first key is made by {@link #newKey}, kept with the verifier, and given to the node once.
 *
 * <p>As an {@link EventSink} it logs every event: give it to {@code events(..)} of a cipher for its
 * failures, which come as one event a minute. An append waits for the disk (a few milliseconds); a
 * sink that fails is told by {@link #health} and never to the sender. A restart goes on with the
 * chain, and logs as {@code gap} what it finds missing or torn.
 *
 * <p>Where the log ends is sent as an event {@code audit-head} every minute in which it grew, and
 * at the close; keep these elsewhere. Does not protect entries that are written after a takeover,
 * nor the file from being deleted. Safe for use by any number of threads; runs one thread, unless
 * it is given a scheduler. The file grows by some 300 bytes for each entry.
 */
@Beta
public final class AuditLog implements Component, EventSink {

  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final Duration EXPORT_EVERY = Duration.ofMinutes(1);
  private static final Duration STOP = Duration.ofSeconds(2);

  private final String node;
  private final TimeSource time;
  private final EventSink events;
  private final AuditFile file;
  private final @Nullable ScheduledExecutorService own;
  private final ScheduledFuture<?> exports;
  private final ReentrantLock turn = new ReentrantLock();
  private final AtomicBoolean closed = new AtomicBoolean();
  private long exported;
  private volatile boolean failing;

  private AuditLog(Builder options, Path path) throws IOException {
    node = options.node;
    time = options.timeSource;
    events = EventSink.guarded(options.events, this::warn);
    file = AuditFile.open(path, node, options.firstKey, time);
    ScheduledExecutorService given = options.scheduler;
    own = given == null ? WorkerThreads.scheduler("crypto", "audit-" + node, 1) : null;
    ScheduledExecutorService scheduler = given == null ? Objects.requireNonNull(own) : given;
    long every = EXPORT_EVERY.toNanos();
    exports = scheduler.scheduleWithFixedDelay(this::export, every, every, TimeUnit.NANOSECONDS);
  }

  /**
   * Begins the log of a node.
   *
   * @throws IllegalArgumentException if the name is blank
   */
  public static Builder named(String node) {
    return new Builder(Options.notBlank("node", node));
  }

  /** Returns a fresh first key of 32 bytes, the caller's to keep with the verifier and to wipe. */
  public static byte[] newKey() {
    byte[] key = new byte[ChainKey.BYTES];
    new SecureRandom().nextBytes(key);
    return key;
  }

  /**
   * Writes an entry and waits until it is on the disk.
   *
   * @param type a stable word for programs
   * @param details no secrets and no user data; at most 50, of which 200 characters each are kept
   * @throws IOException if it could not be written
   * @throws IllegalStateException if the log is closed
   */
  public void append(String type, Map<String, String> details) throws IOException {
    Options.notBlank("type", type);
    turn.lock();
    try {
      if (closed.get()) {
        throw new IllegalStateException("audit log '" + node + "' is closed");
      }
      file.append(time.currentTimeMillis(), type, details);
      failing = false;
    } catch (IOException failure) {
      failing = true;
      throw failure;
    } finally {
      turn.unlock();
    }
  }

  /** Logs an event with its source and details; never throws. */
  @Override
  public void accept(Event event) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("source", event.source());
    details.put("severity", event.severity().name());
    details.putAll(event.details());
    try {
      append(event.type(), details);
    } catch (IOException | IllegalStateException failure) {
      warn(failure);
    }
  }

  /** Returns a sink that logs each event and then passes it on. */
  public EventSink andThen(EventSink next) {
    Objects.requireNonNull(next, "next");
    return event -> {
      accept(event);
      next.accept(event);
    };
  }

  /** Returns where the log ends now. */
  public AuditHead head() {
    turn.lock();
    try {
      return file.head();
    } finally {
      turn.unlock();
    }
  }

  /** Returns {@code crypto}. */
  @Override
  public String kind() {
    return "crypto";
  }

  @Override
  public String name() {
    return node;
  }

  @Override
  public Health health() {
    if (closed.get()) {
      return Health.of(Health.Status.DOWN, "closed");
    }
    return failing
        ? Health.of(
            Health.Status.DEGRADED, "the audit log cannot be written; see the log for the cause")
        : Health.up();
  }

  /** Exports the head once more and erases the key. */
  @Override
  public void close() {
    if (closed.get()) {
      return;
    }
    exports.cancel(false);
    if (own != null) {
      WorkerThreads.stop(own, STOP);
    }
    export();
    turn.lock();
    try {
      if (closed.compareAndSet(false, true)) {
        file.close();
      }
    } finally {
      turn.unlock();
    }
  }

  /** Returns the node, never a key. */
  @Override
  public String toString() {
    return "AuditLog[" + node + "]";
  }

  private void export() {
    AuditHead head = head();
    if (head.sequence() > exported) {
      exported = head.sequence();
      events.accept(
          Event.of(
                  "crypto/" + node,
                  "audit-head",
                  Event.Severity.INFO,
                  time.currentTimeMillis(),
                  "the audit log ends here; keep this to notice if it is cut off later")
              .with("chain", head.chain())
              .with("sequence", Long.toString(head.sequence()))
              .with("mac", head.mac()));
    }
  }

  private void warn(Throwable failure) {
    LOG.warn("audit log '{}': {}", node, failure.toString());
  }

  /** Options of an {@link AuditLog}. For one thread. */
  @Beta
  public static final class Builder {

    private final String node;
    private @Nullable Path path;
    private byte @Nullable [] firstKey;
    private EventSink events = EventSink.none();
    private TimeSource timeSource = TimeSource.system();
    private @Nullable ScheduledExecutorService scheduler;

    private Builder(String node) {
      this.node = node;
    }

    /** Sets the file of the log; required. The state of the chain is kept in {@code <name>.key}. */
    public Builder file(Path path) {
      this.path = Objects.requireNonNull(path, "path");
      return this;
    }

    /**
     * Sets the first key; needed when the log does not exist yet, or lost its state. Take it out of
     * the configuration afterwards: who finds it there can write the whole log anew.
     *
     * @param key 32 bytes from {@link AuditLog#newKey}; stays the caller's to wipe
     * @throws IllegalArgumentException if it does not have 32 bytes
     */
    public Builder firstKey(byte[] key) {
      Options.require(key.length == ChainKey.BYTES, "firstKey", "have 32 bytes", key.length);
      this.firstKey = key.clone();
      return this;
    }

    /** Sets who gets the heads; by default nobody. Not the log itself. */
    public Builder events(EventSink events) {
      this.events = Objects.requireNonNull(events, "events");
      return this;
    }

    /** Sets the clocks; by default those of the JVM. */
    public Builder timeSource(TimeSource timeSource) {
      this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
      return this;
    }

    /** Sets who exports the heads; by default one thread of the log's own. */
    public Builder scheduler(ScheduledExecutorService scheduler) {
      this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
      return this;
    }

    /**
     * Opens or begins the log.
     *
     * @throws IOException if the files cannot be read or written, or there is no state to go on
     *     from and no first key to begin with
     * @throws IllegalArgumentException if no file is set
     */
    public AuditLog build() throws IOException {
      Path file = path;
      if (file == null) {
        throw new IllegalArgumentException("audit log '" + node + "': file must be given");
      }
      try {
        return new AuditLog(this, file);
      } finally {
        if (firstKey != null) {
          Arrays.fill(firstKey, (byte) 0);
        }
      }
    }
  }
}
