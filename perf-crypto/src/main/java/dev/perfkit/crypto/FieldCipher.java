package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encrypts single fields with AES-256-GCM, each bound to the place it belongs to.
 *
 * <pre>{@code
 * static final CipherContext EMAIL = CipherContext.ofTable("users").column("email");
 *
 * FieldCipher cipher = FieldCipher.named("pii").keyset(keyset).build();
 * byte[] sealed = cipher.encrypt("ada@example.org", EMAIL.row(42));
 * String email = cipher.decryptToString(sealed, EMAIL.row(42));
 * }</pre>
 *
 * <p>A ciphertext names its format and its key, so neither is ever tried. In the default {@link
 * Format#TINK} it is 33 bytes longer than its plaintext, and what Tink's {@code Aead} of the same
 * keyset writes and reads for the associated data {@link CipherContext#toAssociatedData}.
 *
 * <p>Protects confidentiality and integrity of a field against whoever can read and change the
 * store. Does not protect the length of a field, and not against an older ciphertext of the very
 * same place being put back, nor against those who hold the keys. In the format {@code TINK} one
 * key must not encrypt more than 2^32 fields over all processes: make a new primary key before.
 *
 * <p>Safe for use by any number of threads, virtual ones too; starts one daemon thread, unless a
 * scheduler is given. Arrays that are handed in are never changed; arrays that are returned belong
 * to the caller, who may wipe them.
 */
@Beta
public final class FieldCipher implements Component {

  /** The most bytes of a plaintext: what an array can hold beside the overhead. */
  public static final int MAX_PLAINTEXT_BYTES = Integer.MAX_VALUE - 128;

  /** What a cipher writes unless it is told otherwise. */
  public static final Format DEFAULT_FORMAT = Format.TINK;

  private static final String RECORD = "record";

  private static final Logger LOG = LoggerFactory.getLogger(FieldCipher.class);

  private final String name;
  private final LiveKeys keys;
  private final Machinery machinery;
  private final MessageCipher messages;
  private final PlaintextColumns plaintexts;
  private final ByteTransform transform = new FieldTransform(this);

  private FieldCipher(Builder options) {
    name = options.name;
    EventSink events = HostCode.guarded(LOG, name, options.events);
    machinery =
        new Machinery(
            name,
            options.provider,
            options.nonces,
            options.randoms,
            options.scheduler,
            events,
            options.timeSource,
            this::reseed);
    keys = options.keys(machinery.engine());
    Telemetry telemetry = HostCode.guarded(LOG, name, options.telemetry);
    plaintexts = new PlaintextColumns(options.plaintextUntil, telemetry, name, options.timeSource);
    messages =
        new MessageCipher(
            name, keys, options.format, new Meters(telemetry, name), events, options.timeSource);
  }

  /**
   * Begins a cipher. The name appears in metrics, events and messages, not in ciphertexts.
   *
   * @throws IllegalArgumentException if the name is blank
   */
  public static Builder named(String name) {
    return new Builder(Options.notBlank("name", name));
  }

  /**
   * Encrypts bytes.
   *
   * @param plaintext may be empty
   * @param where where the ciphertext will be kept; {@link #decrypt} must be given the same
   * @return a new array, longer by the {@link Format#overhead}
   * @throws EncryptException if the random source or the JCE provider failed, or the plaintext has
   *     more than {@value #MAX_PLAINTEXT_BYTES} bytes
   * @throws IllegalStateException if the cipher is closed
   */
  public byte[] encrypt(byte[] plaintext, CipherContext where) {
    return seal(plaintext, where);
  }

  /**
   * Encrypts the UTF-8 bytes of a text.
   *
   * @throws IllegalArgumentException if a surrogate stands alone in the text
   * @throws EncryptException as {@link #encrypt(byte[], CipherContext)}
   * @throws IllegalStateException if the cipher is closed
   */
  public byte[] encrypt(String plaintext, CipherContext where) {
    return sealAndWipe(Text.utf8("plaintext", plaintext), where);
  }

  /** As {@link #encrypt(String, CipherContext)}, for a text that the caller wipes afterwards. */
  public byte[] encrypt(char[] plaintext, CipherContext where) {
    return sealAndWipe(Text.utf8("plaintext", plaintext), where);
  }

  /**
   * Encrypts bytes into an array of the caller's, for those who send it on without a copy.
   *
   * @param target gets {@code length} bytes and the {@link Format#overhead}; may be the array of
   *     the plaintext only where the two do not overlap
   * @return how many bytes were written
   * @throws IndexOutOfBoundsException if the plaintext is not within its array
   * @throws IllegalArgumentException if the target has no room for the ciphertext, or overlaps
   * @throws EncryptException as {@link #encrypt(byte[], CipherContext)}
   */
  public int encrypt(
      byte[] plaintext,
      int offset,
      int length,
      CipherContext where,
      byte[] target,
      int targetOffset) {
    int size = messages.format().overhead() + length;
    Slices.check(plaintext, offset, length, target, targetOffset, size);
    messages.seal(plaintext, offset, length, where.encoded(), target, targetOffset);
    return size;
  }

  /**
   * Encrypts the secret fields of a row as one. The ciphertext is no field: it decrypts by {@link
   * #decryptRecord} only.
   *
   * @throws EncryptException as {@link #encrypt(byte[], CipherContext)}
   */
  public byte[] encryptRecord(FieldRecord plaintext, CipherContext where) {
    return seal(plaintext.encoded(), where.inForm(RECORD));
  }

  /**
   * Encrypts many values, each as {@link #encrypt(byte[], CipherContext)} would.
   *
   * @return a result for each item, in their order; one that failed does not disturb the others
   * @throws IllegalStateException if the cipher is closed
   */
  public List<BatchResult> encryptAll(Collection<BatchItem> items) {
    messages.requireOpen();
    return BatchResult.each(items, this::encrypt);
  }

  /** Returns this cipher with ciphertexts that are text, for stores that take no bytes. */
  public TextCipher text() {
    return new TextCipher(this, messages, plaintexts);
  }

  /** Returns this cipher for values that are too large for an array. */
  public StreamCipher streams() {
    return new StreamCipher(messages);
  }

  /**
   * Returns a cipher that encrypts equal values of a column to equal ciphertexts. Read what it does
   * not protect before use.
   *
   * @param column a table and a column, perhaps of a tenant; no row and no purpose
   * @throws IllegalArgumentException if it is anything else
   */
  public DeterministicCipher deterministic(CipherContext column) {
    Options.require(
        column.isColumn(), "column", "be a table and a column, and perhaps a tenant", column);
    return new DeterministicCipher(messages, column);
  }

  /**
   * Decrypts bytes.
   *
   * @param ciphertext what {@link #encrypt} returned
   * @param where the same context as when it was encrypted
   * @return a new array
   * @throws DecryptException if the ciphertext is not authentic in this context, or its format or
   *     key is unknown or disabled; its reason tells
   * @throws IllegalStateException if the cipher is closed
   */
  public byte[] decrypt(byte[] ciphertext, CipherContext where) {
    boolean clear = ciphertext.length == 0 || !TextForm.hasVersion(ciphertext[0]);
    messages.requireOpen();
    return clear && plaintexts.accept(where) ? ciphertext.clone() : open(ciphertext, where);
  }

  /**
   * Decrypts bytes into an array of the caller's. On failure nothing of the plaintext stays there.
   *
   * @param target needs room for the ciphertext's length without its overhead
   * @return how many bytes were written
   * @throws IndexOutOfBoundsException if the ciphertext is not within its array
   * @throws IllegalArgumentException if the arrays overlap
   * @throws DecryptException as {@link #decrypt(byte[], CipherContext)}; or if the target has no
   *     room ({@code TOO_LARGE})
   */
  public int decrypt(
      byte[] ciphertext,
      int offset,
      int length,
      CipherContext where,
      byte[] target,
      int targetOffset) {
    int most = Math.max(0, length - Format.TINK.overhead());
    int room = Math.min(most, target.length - targetOffset);
    Slices.check(ciphertext, offset, length, target, targetOffset, room);
    return messages.open(ciphertext, offset, length, where.encoded(), target, targetOffset);
  }

  /**
   * Decrypts what {@link #encryptRecord} returned.
   *
   * @throws DecryptException as {@link #decrypt(byte[], CipherContext)}; or if the plaintext is not
   *     a record ({@code NOT_A_RECORD})
   */
  public FieldRecord decryptRecord(byte[] ciphertext, CipherContext where) {
    return FieldRecord.parse(messages, open(ciphertext, where.inForm(RECORD)));
  }

  /** Decrypts many values, with a result for each as {@link #encryptAll} has. */
  public List<BatchResult> decryptAll(Collection<BatchItem> items) {
    messages.requireOpen();
    return BatchResult.each(items, this::decrypt);
  }

  /**
   * Decrypts a text.
   *
   * @throws DecryptException as {@link #decrypt}; or if the plaintext is not UTF-8 ({@code
   *     NOT_TEXT})
   * @throws IllegalStateException if the cipher is closed
   */
  public String decryptToString(byte[] ciphertext, CipherContext where) {
    return messages.decoded(decrypt(ciphertext, where), Text::decode);
  }

  /** As {@link #decryptToString}, into an array that the caller can wipe. */
  public char[] decryptToChars(byte[] ciphertext, CipherContext where) {
    return messages.decoded(decrypt(ciphertext, where), Text::decodeChars);
  }

  /**
   * Returns this cipher as a transform of payloads, such as cache values. The transform's context
   * is bound as {@link CipherContext} binds a field's place; it may be empty, and has at most 4,088
   * bytes. A payload of the transform never decrypts as a field, nor the other way round. After
   * {@link #close} it fails with {@code KEY_UNAVAILABLE}.
   */
  public ByteTransform transform() {
    return transform;
  }

  /**
   * Forgets random bytes that were drawn ahead, seeds the generators anew and begins new epochs. To
   * be called, while nothing is encrypted, by a process that was restored from a snapshot, such as
   * a cloned machine, so that copies of it do not use the same nonces. With {@code org.crac} on the
   * class path a checkpoint does so by itself: encryption waits from before it until after the
   * restore.
   */
  public void reseed() {
    machinery.nonces().reseed();
    keys.renew();
  }

  /** Returns what CRaC calls, or null where it is not on the class path; kept from collection. */
  @Nullable Object checkpointHook() {
    return machinery.checkpointHook();
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

  /**
   * Returns UP; DEGRADED while the random source fails (it still decrypts) or when the provider was
   * excluded and the JDK took its place; DOWN when closed or when the JDK itself computes wrong.
   */
  @Override
  public Health health() {
    Health health = Health.up();
    if (isClosed()) {
      health = Health.of(Health.Status.DOWN, "closed");
    } else if (machinery.nonces().isFailing()) {
      health =
          Health.of(
              Health.Status.DEGRADED,
              "cannot encrypt: the random source failed; check the operating system's");
    }
    return machinery
        .engine()
        .health(health)
        .with("primary_key", Keyset.idText(keys.primary().id()))
        .with("keys", Integer.toString(keys.size()));
  }

  /**
   * Erases its copies of the keys and makes idle JCE ciphers forget theirs. A JVM cannot erase key
   * schedules, keys in Tink's types ({@link Keyset}), what the collector copied and what callers
   * hold. Operations under way end, or fail as those that come later do.
   */
  @Override
  public void close() {
    messages.close();
    machinery.close();
  }

  /** Returns name and key ids, never key material. */
  @Override
  public String toString() {
    return "FieldCipher[" + name + ", " + health() + "]";
  }

  String subject() {
    return messages.subject();
  }

  boolean isClosed() {
    return messages.isClosed();
  }

  byte[] open(byte[] ciphertext, CipherContext where) {
    return open(ciphertext, 0, ciphertext.length, where, Integer.MAX_VALUE);
  }

  byte[] open(byte[] input, int offset, int length, CipherContext where, int maxLength) {
    Objects.requireNonNull(where, "where");
    return messages.open(input, offset, length, where.encoded(), maxLength);
  }

  private byte[] seal(byte[] plaintext, CipherContext where) {
    Objects.requireNonNull(plaintext, "plaintext");
    Objects.requireNonNull(where, "where");
    return messages.seal(plaintext, 0, plaintext.length, where.encoded());
  }

  private byte[] sealAndWipe(byte[] plaintext, CipherContext where) {
    try {
      return seal(plaintext, where);
    } finally {
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  /** Options of a {@link FieldCipher}. For one thread. */
  @Beta
  public static final class Builder {

    private final String name;
    private @Nullable Keyset keyset;
    private @Nullable Keyring keyring;
    private Telemetry telemetry = Telemetry.none();
    private Format format = DEFAULT_FORMAT;
    private final Map<CipherContext, Instant> plaintextUntil = new HashMap<>();
    private EventSink events = EventSink.none();
    private TimeSource timeSource = TimeSource.system();
    private @Nullable ScheduledExecutorService scheduler;
    private NonceMode nonces = NonceMode.BATCHED_DRBG;
    private CipherProvider provider = CipherProvider.jdk();
    private @Nullable Supplier<? extends RandomBytes> randoms;

    private Builder(String name) {
      this.name = name;
    }

    /** Sets the keys, which then never change; this, or {@link #keyring}. */
    public Builder keyset(Keyset keyset) {
      this.keyset = Objects.requireNonNull(keyset, "keyset");
      return this;
    }

    /** Sets what is written, by default {@link #DEFAULT_FORMAT}; all formats are read. */
    public Builder format(Format format) {
      this.format = Objects.requireNonNull(format, "format");
      return this;
    }

    /**
     * Reads values of a column that were never encrypted as they are, until a date: while a column
     * is being migrated. Such plaintext is not authenticated, so whoever can write to the store can
     * put some there. What begins like a ciphertext is one, and fails as one. Counted by {@code
     * crypto.plaintext_reads}. Off by default; again for each column. Holds for fields, not for
     * records, streams and transforms.
     *
     * @param column a table and a column; holds for all its rows, tenants and purposes
     * @throws IllegalArgumentException if it is anything else, or was given before
     */
    public Builder acceptPlaintext(CipherContext column, Instant until) {
      PlaintextColumns.add(plaintextUntil, column, until);
      return this;
    }

    /** Sets the keyring whose keys are used as it changes them; it stays the caller's to close. */
    public Builder keyring(Keyring keyring) {
      this.keyring = Objects.requireNonNull(keyring, "keyring");
      return this;
    }

    /** Sets where counters go; by default nowhere. */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
      return this;
    }

    /** Sets who hears of failures; by default nobody. */
    public Builder events(EventSink events) {
      this.events = Objects.requireNonNull(events, "events");
      return this;
    }

    /** Sets the clocks; by default those of the JVM. */
    public Builder timeSource(TimeSource timeSource) {
      this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
      return this;
    }

    /**
     * Sets who runs background work, all of it short; by default one thread of the cipher's own,
     * which starts with the first encryption. It is not shut down by {@link FieldCipher#close}.
     */
    public Builder scheduler(ScheduledExecutorService scheduler) {
      this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
      return this;
    }

    /** Sets who computes AES-GCM; by default {@link CipherProvider#jdk}. */
    public Builder provider(CipherProvider provider) {
      this.provider = Objects.requireNonNull(provider, "provider");
      return this;
    }

    /** Sets where nonces come from; by default {@link NonceMode#BATCHED_DRBG}. */
    public Builder nonces(NonceMode nonces) {
      this.nonces = Objects.requireNonNull(nonces, "nonces");
      return this;
    }

    /** For tests of what a broken random source does. */
    Builder randoms(Supplier<? extends RandomBytes> randoms) {
      this.randoms = randoms;
      return this;
    }

    /**
     * Returns the cipher.
     *
     * @throws IllegalArgumentException unless there is either a keyset or a keyring, or if the
     *     provider is not available
     */
    public FieldCipher build() {
      if ((keyset == null) == (keyring == null)) {
        throw new IllegalArgumentException(
            "field cipher '"
                + name
                + "': keyset or keyring must be given, one of both, such as"
                + " KeysetFile.at(path).read(..)");
      }
      return new FieldCipher(this);
    }

    private LiveKeys keys(Engine engine) {
      Keyring ring = keyring;
      return ring == null
          ? LiveKeys.of(Objects.requireNonNull(keyset), set -> new KeyTable(set, engine))
          : LiveKeys.of(
              ring,
              (now, budget) -> new KeyTable(now.cipherKeys(), engine, budget, now.unusable()));
    }
  }
}
