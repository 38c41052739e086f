package dev.perfkit.crypto;

import dev.perfkit.crypto.MessageBudget.SpentException;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Event.Severity;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that change while ciphers use them: one encrypts, older ones decrypt, and a new one takes
 * over by schedule or by use, once every process has it.
 *
 * <pre>{@code
 * Keyring keyring = Keyring.named("pii").file(Path.of("pii.keyring"), password).build();
 * FieldCipher cipher = FieldCipher.named("users").keyring(keyring).build();
 * }</pre>
 *
 * <p>The keyring is kept in a password-protected file, or in a coordination store under a
 * key-management key. Every change is one compare-and-set there; a process that dies in the middle
 * of a rotation leaves it to the others. Messages of the {@code TINK} format are counted over all
 * processes before they are encrypted, and never exceed 2^32 for a key.
 *
 * <p>After {@link #close} every change throws {@link IllegalStateException}.
 *
 * <p>Safe for use by any number of threads. Runs one thread, unless it is given a scheduler. Close
 * the ciphers first: without its keyring a cipher decrypts but cannot count, and so not encrypt.
 */
@Beta
public final class Keyring implements Component {

  /** How old a primary key becomes by default. */
  public static final Duration DEFAULT_ROTATE_AFTER = Duration.ofDays(90);

  /** How many counted messages let a primary key be replaced by default: 3/4 of 2^32. */
  public static final long DEFAULT_ROTATE_AT_MESSAGES = 3L << 30;

  /** From how many counted messages on a key is warned of: 2^31. */
  public static final long WARN_AT_MESSAGES = 1L << 31;

  /** How often other processes' changes are looked for by default. */
  public static final Duration DEFAULT_REFRESH_EVERY = Duration.ofSeconds(10);

  /** How long a process counts as alive after it was last heard of, by default and at most. */
  public static final Duration MAX_MEMBER_LEASE = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(Keyring.class);
  private static final Duration OPERATIONS_END = Duration.ofMinutes(1);
  private static final Duration STOP = Duration.ofSeconds(5);

  /** How long the store may take to hear of the end; it is interrupted after half of it. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final String name;
  private final RingStore store;
  private final KeyringCore core;
  private final KeyringBudgets budgets;
  private final KeyringSteps steps;
  private final @Nullable Membership membership;
  private final KeyringSignals signals;
  private final TimeSource time;
  private final ScheduledExecutorService scheduler;
  private final boolean ownScheduler;
  private final Duration rotateAfter;
  private final long rotateAtMessages;
  private final Map<Integer, Long> messages = new ConcurrentHashMap<>();
  private final Map<Integer, Boolean> warned = new ConcurrentHashMap<>();
  private final AtomicBoolean waking = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ScheduledFuture<?> ticks;
  private volatile @Nullable String trouble;

  Keyring(KeyringBuilder options) {
    name = options.name();
    time = options.timeSource();
    store = options.store();
    signals = options.signals();
    core = new KeyringCore(store, time);
    core.load(options::firstKeys);
    budgets = new KeyringBudgets(new Counts(), time, options.leaseMessages());
    membership = options.membership();
    steps = new KeyringSteps(name, core, membership, signals, options.audit(), time);
    rotateAfter = options.rotateAfter();
    rotateAtMessages = options.rotateAtMessages();
    ScheduledExecutorService given = options.scheduler();
    ownScheduler = given == null;
    scheduler = given == null ? WorkerThreads.scheduler("crypto", name, 1) : given;
    signals.gauge(
        "crypto.keyring.messages", "", "messages counted for the primary key", this::primaryUse);
    signals.gauge(
        "crypto.keyring.primary_age", "seconds", "age of the primary key", this::primaryAge);
    long every = options.refreshEvery().toNanos();
    ticks = scheduler.scheduleWithFixedDelay(this::tick, 0, every, TimeUnit.NANOSECONDS);
  }

  /**
   * Begins a keyring. The name is a part of what is stored, so all processes use the same.
   *
   * @throws IllegalArgumentException if the name is blank or has more than 100 characters
   */
  public static KeyringBuilder named(String name) {
    Options.notBlank("name", name);
    Options.require(name.length() <= 100, "name", "have at most 100 characters", name.length());
    return new KeyringBuilder(name);
  }

  /** Returns all keys in the order of their versions, destroyed ones included. */
  public List<KeyringKey> keys() {
    return core.ring().keys().stream().map(this::view).toList();
  }

  /** Returns the key that encrypts. */
  public KeyringKey primary() {
    return view(core.ring().primary());
  }

  /** Returns the material of all keys that are not destroyed, for export or for use with Tink. */
  public Keyset keyset() {
    return core.ring().material();
  }

  /**
   * Adds a fresh key, which becomes the primary one as soon as every live process has it: now, if
   * this is the only one.
   *
   * @return the new key
   * @throws KeysetException ({@code REFUSED}) if one is pending already; and {@code UNAVAILABLE},
   *     {@code BUSY}, {@code FILE} or {@code AUDIT} if it could not be stored
   */
  public KeyringKey rotate() {
    Ring ring = steps.addKey("asked for");
    int id = ring.pending().orElseThrow().id();
    promoteIfEverywhere(ring);
    return view(core.ring().find(id).orElseThrow());
  }

  /**
   * Makes a pending or older key the primary one.
   *
   * @throws KeysetException ({@code REFUSED}) if a live process does not have the key, it is in
   *     another state, or under the minimum encrypt version; and as {@link #rotate}
   */
  public void promote(int keyId) {
    steps.promote(keyId);
    afterPromotion();
  }

  /**
   * As {@link #promote}, though processes do not have the key: until they refresh, they ask the
   * store for each value it encrypted, and fail if that is away. Audited with the reason.
   *
   * @param reason who wants it and why; no secrets
   * @throws KeysetException as {@link #promote}, but for the missing processes
   * @throws IllegalArgumentException if the reason is blank
   */
  public void forcePromote(int keyId, String reason) {
    steps.forcePromote(keyId, Options.notBlank("reason", reason));
    afterPromotion();
  }

  /**
   * Stops a key from decrypting, so that what still needs it shows while it can be enabled again.
   *
   * @throws KeysetException ({@code REFUSED}) if it is the primary one, or neither pending nor
   *     decrypt-only; and as {@link #rotate}
   */
  public void disable(int keyId) {
    steps.disable(keyId);
  }

  /**
   * Lets a disabled key decrypt again.
   *
   * @throws KeysetException ({@code REFUSED}) if it is not disabled; and as {@link #rotate}
   */
  public void enable(int keyId) {
    steps.enable(keyId);
  }

  /**
   * Erases a key for good. What it encrypted is lost, in backups too.
   *
   * @param rows a count of at most a day ago that did not find the key
   * @throws KeysetException ({@code REFUSED}) if it is the primary one, was not disabled for 30
   *     days, or rows use it; and as {@link #rotate}
   */
  public void destroy(int keyId, RowsPerKey rows) {
    steps.destroy(keyId, Objects.requireNonNull(rows, "rows"));
  }

  /**
   * Sets the least versions of keys that encrypt and decrypt, 1 and 1 at first.
   *
   * @throws KeysetException ({@code REFUSED}) unless 1 &lt;= decrypt &lt;= encrypt &lt;= the
   *     version of the primary key; and as {@link #rotate}
   */
  public void minimumVersions(int encrypt, int decrypt) {
    steps.minimumVersions(encrypt, decrypt);
  }

  /**
   * Adds the keys of another keyset for decryption. A key that is here already is left as it is.
   *
   * @throws KeysetException ({@code COLLISION}) if an id stands for another key here; nothing is
   *     imported then; and as {@link #rotate}
   */
  public void importKeys(Keyset keys) {
    steps.importKeys(Objects.requireNonNull(keys, "keys"));
  }

  /**
   * Takes over what other processes changed; happens by itself all the time.
   *
   * @throws KeysetException if the store is away ({@code UNAVAILABLE}, {@code FILE}), or holds an
   *     older state than this process knows ({@code ROLLED_BACK})
   */
  public void refresh() {
    core.refresh();
  }

  /** Returns {@code crypto}. */
  @Override
  public String kind() {
    return "crypto";
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Health health() {
    Ring ring = core.ring();
    Health health = Health.up();
    String problem = trouble;
    if (closed.get()) {
      health = Health.of(Health.Status.DOWN, "closed");
    } else if (problem != null) {
      health = Health.of(Health.Status.DEGRADED, problem);
    } else if (used(ring.primary()) >= WARN_AT_MESSAGES) {
      health = Health.of(Health.Status.DEGRADED, "the primary key nears 2^32 messages; rotate it");
    }
    return health
        .with("primary_key", Keyset.idText(ring.primary().id()))
        .with("primary_version", Integer.toString(ring.primary().version()))
        .with("pending_key", ring.pending().map(key -> Keyset.idText(key.id())).orElse("none"))
        .with("keys", Integer.toString(ring.keys().size()));
  }

  /**
   * Gives back messages that were counted ahead, leaves the cluster and stops. It waits for the
   * store for 2 seconds at most: what a store that is away never hears of expires by itself.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    ticks.cancel(false);
    if (ownScheduler && !WorkerThreads.stop(scheduler, STOP)) {
      LOG.warn("keyring '{}': its thread did not stop within {}", name, STOP);
    }
    ExecutorService farewell =
        Executors.newSingleThreadExecutor(WorkerThreads.factory("crypto", name + "-close"));
    farewell.execute(this::leaveTheStore);
    if (!WorkerThreads.stop(farewell, FAREWELL)) {
      LOG.info("keyring '{}': its store did not answer within {}", name, FAREWELL);
    }
    signals.close();
    core.close();
  }

  private void leaveTheStore() {
    budgets.close();
    try {
      if (membership != null) {
        membership.leave();
      }
    } catch (KeysetException away) {
      LOG.debug("keyring '{}': its membership will expire by itself", name, away);
    }
  }

  /** Returns name and key ids, never key material. */
  @Override
  public String toString() {
    return "Keyring[" + name + ", " + health() + "]";
  }

  KeyringCore core() {
    return core;
  }

  MessageBudget budget(int keyId) {
    return budgets.of(keyId);
  }

  /** Runs something when no operation that began before can still be under way. */
  void afterOperationsEnd(Runnable action) {
    try {
      ScheduledFuture<?> unused =
          scheduler.schedule(action, OPERATIONS_END.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException stopped) {
      action.run();
    }
  }

  /** Does what is due: refresh, report, count ahead, rotate. */
  void tick() {
    waking.set(false);
    try {
      core.refresh();
      if (membership != null) {
        membership.announce(core.ring());
      }
      lookAtUse();
      rotateIfDue();
      prefetch(core.ring());
      trouble = null;
    } catch (KeysetException | SpentException failure) {
      signals.refreshFailures.increment();
      noteTrouble(String.valueOf(failure.getMessage()), failure);
    } catch (RuntimeException unexpected) {
      // Whatever a host's store throws must not end the schedule.
      noteTrouble("upkeep failed: " + unexpected.getClass().getSimpleName(), unexpected);
    }
  }

  /** Counts ahead for the next key too, so that a store that goes away stops nobody then. */
  private void prefetch(Ring ring) throws SpentException {
    budgets.prefetch(ring.primary().id());
    if (ring.pending().isPresent()) {
      budgets.of(ring.pending().get().id()).prefetch();
    }
  }

  private void rotateIfDue() {
    Ring ring = core.ring();
    if (ring.pending().isEmpty()) {
      Optional<String> reason = reasonToRotate(ring.primary());
      if (reason.isEmpty()) {
        return;
      }
      ring = steps.replaceKey(ring.primary().id(), reason.get());
      if (membership != null) {
        membership.announce(ring);
      }
    }
    promoteIfEverywhere(ring);
  }

  private Optional<String> reasonToRotate(RingKey primary) {
    if (used(primary) >= rotateAtMessages) {
      return Optional.of("use");
    }
    // The age counts from when it began to encrypt.
    return time.currentTimeMillis() - primary.since() >= rotateAfter.toMillis()
        ? Optional.of("age")
        : Optional.empty();
  }

  private void promoteIfEverywhere(Ring ring) {
    Optional<RingKey> pending = ring.pending();
    if (pending.isEmpty()) {
      return;
    }
    if (membership != null) {
      membership.announce(core.ring());
    }
    if (steps.promoteIfEverywhere(pending.get().id())) {
      afterPromotion();
    }
  }

  private void afterPromotion() {
    afterOperationsEnd(() -> budgets.retain(core.ring().primary().id()));
  }

  private void lookAtUse() {
    RingKey primary = core.ring().primary();
    long counted = store.messages(primary.id());
    messages.put(primary.id(), counted < 0 ? primary.reserved() : counted);
    if (used(primary) >= WARN_AT_MESSAGES && warned.putIfAbsent(primary.id(), true) == null) {
      signals.event(
          "key-nearly-used-up",
          Severity.WARNING,
          "the primary key has 2^31 counted messages; it will be replaced before 2^32",
          "key",
          Keyset.idText(primary.id()));
    }
  }

  private void noteTrouble(String problem, Exception failure) {
    if (!problem.equals(trouble)) {
      LOG.warn("keyring '{}': {}; it goes on with the keys it has", name, problem, failure);
      signals.event("keyring-trouble", Severity.WARNING, problem);
    }
    trouble = problem;
  }

  private long used(RingKey key) {
    return Objects.requireNonNull(messages.getOrDefault(key.id(), key.reserved()));
  }

  private double primaryUse() {
    return used(core.ring().primary());
  }

  private double primaryAge() {
    return (time.currentTimeMillis() - core.ring().primary().since()) / 1000.0;
  }

  private KeyringKey view(RingKey key) {
    return new KeyringKey(
        key.id(),
        key.version(),
        key.state(),
        Instant.ofEpochMilli(key.created()),
        Instant.ofEpochMilli(key.since()),
        used(key));
  }

  /** Counts messages in the store, or in the ring if the store does not. */
  private final class Counts implements KeyringBudgets.Counter {

    @Override
    public long reserve(int keyId, long wanted) {
      if (wanted > 0) {
        signals.leases.increment();
      }
      if (store.messages(keyId) >= 0) {
        return store.reserve(keyId, wanted, MessageBudget.MAX_MESSAGES);
      }
      long[] granted = {0};
      UnaryOperator<Ring> step =
          ring -> {
            long used = ring.find(keyId).map(RingKey::reserved).orElse(0L);
            granted[0] = Math.min(wanted, Math.max(0, MessageBudget.MAX_MESSAGES - used));
            return granted[0] == 0 ? ring : ring.reserving(keyId, granted[0]);
          };
      core.update(step, next -> {});
      return granted[0];
    }

    @Override
    public void wake() {
      if (waking.compareAndSet(false, true)) {
        try {
          scheduler.execute(Keyring.this::tick);
        } catch (RejectedExecutionException stopped) {
          waking.set(false);
        }
      }
    }
  }
}
