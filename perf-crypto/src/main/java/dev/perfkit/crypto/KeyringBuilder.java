package dev.perfkit.crypto;

import dev.perfkit.crypto.audit.AuditLog;
import dev.perfkit.crypto.cluster.Coordination;
import dev.perfkit.crypto.kms.KeyManagement;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.Problems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Options of a {@link Keyring}: where it is kept ({@link #file}, or {@link #coordination} with
 * {@link #keyManagement}), and when its keys change. For one thread.
 */
@Beta
public final class KeyringBuilder {

  private static final Logger LOG = LoggerFactory.getLogger(Keyring.class);

  private final String name;
  private @Nullable Path file;
  private char[] password = {};
  private @Nullable Coordination coordination;
  private @Nullable KeyManagement keyManagement;
  private @Nullable Keyset firstKeys;
  private String node = UUID.randomUUID().toString();
  private Duration rotateAfter = Keyring.DEFAULT_ROTATE_AFTER;
  private long rotateAtMessages = Keyring.DEFAULT_ROTATE_AT_MESSAGES;
  private Duration refreshEvery = Keyring.DEFAULT_REFRESH_EVERY;
  private Duration memberLease = Keyring.MAX_MEMBER_LEASE;
  private long leaseMessages = MessageBudget.LEASE_MESSAGES;
  private KeysetFileFormat format =
      new KeysetFileFormat(KeysetFile.ITERATIONS, KeysetFile.ITERATIONS);
  private Telemetry telemetry = Telemetry.none();
  private EventSink events = EventSink.none();
  private TimeSource timeSource = TimeSource.system();
  private @Nullable ScheduledExecutorService scheduler;
  private @Nullable AuditLog audit;

  KeyringBuilder(String name) {
    this.name = name;
  }

  /**
   * Keeps the keyring in a password-protected file, which is created if it is not there. A {@link
   * KeysetFile} is read too, and becomes a keyring file with the first change. For one process at a
   * time, unless a coordination store is given as well and the file is one that all see.
   *
   * @param password is copied; the copy is wiped by {@link Keyring#close}
   * @throws IllegalArgumentException if the password is empty or not well-formed
   */
  public KeyringBuilder file(Path path, char[] password) {
    KeysetFile.requirePassword(password);
    this.file = Objects.requireNonNull(path, "path");
    this.password = password.clone();
    return this;
  }

  /**
   * Sets what processes agree through. Without a file the keyring itself is kept there, under
   * {@link #keyManagement}; with one, the counts, the membership, and the file's generation.
   */
  public KeyringBuilder coordination(Coordination coordination) {
    this.coordination = Objects.requireNonNull(coordination, "coordination");
    return this;
  }

  /** Sets what encrypts a keyring that is kept in the coordination store. */
  public KeyringBuilder keyManagement(KeyManagement keyManagement) {
    this.keyManagement = Objects.requireNonNull(keyManagement, "keyManagement");
    return this;
  }

  /** Sets the keys of a keyring that does not exist yet; by default one fresh key. */
  public KeyringBuilder firstKeys(Keyset keys) {
    this.firstKeys = Objects.requireNonNull(keys, "keys");
    return this;
  }

  /**
   * Sets how others see this process; by default a random name. Two live processes of one name pass
   * for one, so that a key may be promoted before both have it.
   *
   * @throws IllegalArgumentException if the name is blank
   */
  public KeyringBuilder node(String node) {
    this.node = Options.notBlank("node", node);
    return this;
  }

  /**
   * Sets how old the primary key becomes before it is replaced; by default 90 days.
   *
   * @throws IllegalArgumentException if it is not over 0
   */
  public KeyringBuilder rotateAfter(Duration age) {
    this.rotateAfter = Options.positive("rotateAfter", age);
    return this;
  }

  /**
   * Sets how many counted messages let the primary key be replaced; by default 3/4 of 2^32.
   *
   * @throws IllegalArgumentException if it is under 1, or over 15/16 of 2^32, which leaves the
   *     other processes no time
   */
  public KeyringBuilder rotateAtMessages(long messages) {
    long most = MessageBudget.MAX_MESSAGES / 16 * 15;
    Options.require(
        messages >= 1 && messages <= most,
        "rotateAtMessages",
        "be between 1 and " + most,
        messages);
    this.rotateAtMessages = messages;
    return this;
  }

  /**
   * Sets how often changes of other processes are looked for; by default every 10 seconds. A new
   * key waits that long at least.
   *
   * @throws IllegalArgumentException if it is not over 0
   */
  public KeyringBuilder refreshEvery(Duration interval) {
    this.refreshEvery = Options.positive("refreshEvery", interval);
    return this;
  }

  /**
   * Sets how long this process counts as alive after it was last heard of; by default 60 seconds.
   *
   * @throws IllegalArgumentException if it is not over 0, or over 60 seconds
   */
  public KeyringBuilder memberLease(Duration lease) {
    Options.positive("memberLease", lease);
    Options.require(
        lease.compareTo(Keyring.MAX_MEMBER_LEASE) <= 0,
        "memberLease",
        "be at most " + Keyring.MAX_MEMBER_LEASE,
        lease);
    this.memberLease = lease;
    return this;
  }

  /** Sets where metrics go; by default nowhere. */
  public KeyringBuilder telemetry(Telemetry telemetry) {
    this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
    return this;
  }

  /** Sets who hears of changes and troubles; by default nobody. */
  public KeyringBuilder events(EventSink events) {
    this.events = Objects.requireNonNull(events, "events");
    return this;
  }

  /** Sets the clocks; by default those of the JVM. */
  public KeyringBuilder timeSource(TimeSource timeSource) {
    this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
    return this;
  }

  /**
   * Sets who runs the upkeep, which waits for the store; by default one thread of its own. It is
   * not shut down by {@link Keyring#close}.
   */
  public KeyringBuilder scheduler(ScheduledExecutorService scheduler) {
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * Sets the audit log; by default none. A change that cannot be logged before is not made. The
   * failures of ciphers are logged when their {@code events} are the log.
   */
  public KeyringBuilder audit(AuditLog audit) {
    this.audit = Objects.requireNonNull(audit, "audit");
    return this;
  }

  /** For tests, which cannot wait for a million iterations or 2^24 messages. */
  KeyringBuilder weakForTests(KeysetFileFormat format, long leaseMessages) {
    this.format = format;
    this.leaseMessages = leaseMessages;
    return this;
  }

  /**
   * Returns the keyring, which was read, or created, by then.
   *
   * @throws IllegalArgumentException if options are missing or contradict each other
   * @throws KeysetException if the keyring cannot be read or created
   */
  public Keyring build() {
    boolean inFile = file != null;
    Problems.of("keyring '" + name + "'")
        .require(
            inFile || (coordination != null && keyManagement != null),
            "its place",
            "be a file, or a coordination store with key management",
            "neither")
        .require(
            !inFile || keyManagement == null,
            "keyManagement",
            "not be given beside a file, which a password encrypts",
            "given")
        .require(
            memberLease.compareTo(refreshEvery.multipliedBy(3)) >= 0,
            "memberLease",
            "be at least 3 times refreshEvery (" + refreshEvery + ")",
            memberLease)
        .throwIfAny();
    try {
      return new Keyring(this);
    } finally {
      Arrays.fill(password, '\0');
    }
  }

  String name() {
    return name;
  }

  RingStore store() {
    Coordination shared = coordination;
    SharedCounts counts =
        shared == null ? null : new SharedCounts(shared, name, "keyring '" + name + "'");
    Path path = file;
    if (path != null) {
      return new FileRingStore(path, format, password, counts, timeSource.currentTimeMillis());
    }
    return new SharedRingStore(
        Objects.requireNonNull(shared),
        Objects.requireNonNull(keyManagement),
        name,
        Objects.requireNonNull(counts));
  }

  Keyset firstKeys() {
    Keyset given = firstKeys;
    return given == null ? Keyset.generate() : given;
  }

  @Nullable Membership membership() {
    Coordination shared = coordination;
    return shared == null ? null : new Membership(shared, name, node, memberLease);
  }

  KeyringSignals signals() {
    Telemetry guarded =
        telemetry == Telemetry.none()
            ? telemetry
            : Telemetry.guarded(telemetry, warnOnce("telemetry"));
    return new KeyringSignals(
        name, guarded, EventSink.guarded(events, warnOnce("event sink")), timeSource);
  }

  Duration rotateAfter() {
    return rotateAfter;
  }

  long rotateAtMessages() {
    return rotateAtMessages;
  }

  Duration refreshEvery() {
    return refreshEvery;
  }

  long leaseMessages() {
    return leaseMessages;
  }

  TimeSource timeSource() {
    return timeSource;
  }

  @Nullable ScheduledExecutorService scheduler() {
    return scheduler;
  }

  @Nullable AuditLog audit() {
    return audit;
  }

  private Consumer<Throwable> warnOnce(String what) {
    AtomicBoolean warned = new AtomicBoolean();
    return failure -> {
      if (warned.compareAndSet(false, true)) {
        LOG.warn(
            "keyring '{}': the {} failed; further failures are not logged", name, what, failure);
      }
    };
  }
}
