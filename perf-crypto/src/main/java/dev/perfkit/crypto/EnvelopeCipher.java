package dev.perfkit.crypto;

import dev.perfkit.crypto.NonceSource.NonceException;
import dev.perfkit.crypto.kms.KeyManagement;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Envelope encryption: each ciphertext carries the data key it was encrypted under, wrapped by a
 * key-management service. Whoever may use the service's key may read it; no keyset is kept.
 *
 * <p>One data key serves many messages (100,000, 1 GiB or one hour at most, whatever comes first),
 * so the service is asked rarely; a new one is made ahead of need. Data keys that were unwrapped
 * stay in memory for an hour at most: so long does a withdrawn permission take.
 *
 * <p>The name is a part of the service's context: ciphertexts are read by ciphers of the same name
 * only. Safe for use by any number of threads. A call waits for the service when no data key is in
 * memory; starts one daemon thread, unless a scheduler is given.
 */
@Beta
public final class EnvelopeCipher implements Component {

  /** How many data keys are kept in memory by default. */
  public static final int DEFAULT_CACHED_DATA_KEYS = 256;

  private static final Logger LOG = LoggerFactory.getLogger(EnvelopeCipher.class);

  private final String name;
  private final BackgroundWork background;
  private final NonceSource nonces;
  private final Engine engine;
  private final DataKeyCache keys;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final long maxPlaintext;
  private volatile boolean serviceAway;

  private EnvelopeCipher(Builder options, KeyManagement service) {
    name = options.name;
    maxPlaintext = options.limits.bytes();
    background = new BackgroundWork(name, options.scheduler);
    nonces =
        new NonceSource(
            NonceMode.BATCHED_DRBG, options.timeSource, background::scheduler, RandomBytes::system);
    CipherProvider jdk = CipherProvider.jdk();
    EventSink events = HostCode.guarded(LOG, name, options.events);
    engine = new Engine(name, jdk, jdk, nonces, background::scheduler, events, options.timeSource);
    engine.start();
    keys =
        new DataKeyCache(
            name,
            service,
            ("perfkit envelope/" + name).getBytes(StandardCharsets.UTF_8),
            engine,
            options.limits,
            options.cachedDataKeys,
            HostCode.guarded(LOG, name, options.telemetry),
            options.timeSource,
            this::later);
  }

  /**
   * Begins a cipher. The name is a part of what ciphertexts are bound to.
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
   * @return a new array, longer by 32 bytes and the wrapped data key
   * @throws EncryptException if a new data key is needed and the service is away ({@code
   *     STORE_UNAVAILABLE}), the random source or the provider failed, or the plaintext is too
   *     large
   * @throws IllegalStateException if the cipher is closed
   */
  public byte[] encrypt(byte[] plaintext, CipherContext where) {
    byte[] associatedData = Objects.requireNonNull(where, "where").encoded();
    requireOpen();
    if (plaintext.length > maxPlaintext) {
      throw cannotEncrypt(
          EncryptException.Reason.TOO_LARGE,
          "plaintext must be at most " + maxPlaintext + " bytes but was " + plaintext.length,
          null);
    }
    DataKey key = keyToEncrypt(plaintext.length);
    try {
      byte[] sealed = EnvelopeFormat.begin(key.wrapped(), plaintext.length + GcmKey.OVERHEAD);
      int body = sealed.length - plaintext.length - GcmKey.OVERHEAD;
      key.key().seal(plaintext, 0, plaintext.length, associatedData, sealed, body);
      return sealed;
    } catch (NonceException failure) {
      throw cannotEncrypt(
          EncryptException.Reason.RANDOM_SOURCE, "the random source failed", failure);
    } catch (GeneralSecurityException | RuntimeException failure) {
      throw cannotEncrypt(EncryptException.Reason.PROVIDER, "the JCE provider failed", failure);
    } finally {
      key.release();
    }
  }

  /**
   * Decrypts bytes.
   *
   * @param ciphertext what {@link #encrypt} returned
   * @param where the same context as when it was encrypted
   * @return a new array
   * @throws DecryptException if it is not authentic in this context, the service refuses its data
   *     key ({@code UNKNOWN_KEY}) or is away ({@code SERVICE_UNAVAILABLE}); its reason tells
   * @throws IllegalStateException if the cipher is closed
   */
  public byte[] decrypt(byte[] ciphertext, CipherContext where) {
    byte[] associatedData = Objects.requireNonNull(where, "where").encoded();
    requireOpen();
    int body = EnvelopeFormat.body(subject() + " cannot decrypt: ", ciphertext);
    DataKey key = keyToDecrypt(EnvelopeFormat.wrapped(ciphertext, body));
    byte[] plain = new byte[ciphertext.length - body - GcmKey.OVERHEAD];
    try {
      key.key().open(ciphertext, body, ciphertext.length - body, associatedData, plain, 0);
      return plain;
    } catch (AEADBadTagException tampered) {
      // Without the cause, as its trace says nothing.
      throw cannotDecrypt(
          DecryptException.Reason.NOT_AUTHENTIC,
          "changed since it was written, or written for another context",
          null);
    } catch (GeneralSecurityException | RuntimeException failure) {
      throw cannotDecrypt(DecryptException.Reason.PROVIDER, "the JCE provider failed", failure);
    } finally {
      key.release();
    }
  }

  /** Forgets random bytes that were drawn ahead; see {@link FieldCipher#reseed}. */
  public void reseed() {
    nonces.reseed();
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
   * Returns UP; DEGRADED while the service is away or the random source fails; DOWN when closed.
   */
  @Override
  public Health health() {
    if (closed.get()) {
      return Health.of(Health.Status.DOWN, "closed");
    }
    if (serviceAway) {
      return Health.of(
          Health.Status.DEGRADED,
          "key management is away: only data keys in memory work; check the service");
    }
    return engine.health(
        nonces.isFailing()
            ? Health.of(Health.Status.DEGRADED, "cannot encrypt: the random source failed")
            : Health.up());
  }

  /** Erases the data keys in memory when the operations under way have ended. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      keys.close();
      engine.close();
      background.close();
    }
  }

  /** Returns the name and the health, never a key. */
  @Override
  public String toString() {
    return "EnvelopeCipher[" + name + ", " + health() + "]";
  }

  private DataKey keyToEncrypt(long length) {
    try {
      DataKey key = keys.toEncrypt(length);
      noteService(false);
      return key;
    } catch (IOException | TimeoutException failure) {
      noteService(true);
      throw cannotEncrypt(
          EncryptException.Reason.STORE_UNAVAILABLE, "key management is away", failure);
    } catch (GeneralSecurityException failure) {
      throw cannotEncrypt(
          EncryptException.Reason.STORE_UNAVAILABLE, "key management refuses", failure);
    } catch (InterruptedException failure) {
      Thread.currentThread().interrupt();
      throw cannotEncrypt(EncryptException.Reason.STORE_UNAVAILABLE, "interrupted", failure);
    }
  }

  private DataKey keyToDecrypt(byte[] wrapped) {
    try {
      DataKey key = keys.toDecrypt(wrapped);
      noteService(false);
      return key;
    } catch (IOException | TimeoutException failure) {
      noteService(true);
      throw cannotDecrypt(
          DecryptException.Reason.SERVICE_UNAVAILABLE, "key management is away", failure);
    } catch (GeneralSecurityException failure) {
      throw cannotDecrypt(
          DecryptException.Reason.UNKNOWN_KEY,
          "key management refuses its data key: wrapped elsewhere, for another name, or changed",
          failure);
    } catch (InterruptedException failure) {
      Thread.currentThread().interrupt();
      throw cannotDecrypt(DecryptException.Reason.SERVICE_UNAVAILABLE, "interrupted", failure);
    }
  }

  private void noteService(boolean away) {
    if (serviceAway != away) {
      serviceAway = away;
    }
  }

  private void later(Runnable task) {
    try {
      background.scheduler().execute(task);
    } catch (RejectedExecutionException stopped) {
      // A closing cipher needs no key ahead.
      LOG.debug("envelope cipher '{}' is closing", name);
    }
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException(subject() + " is closed");
    }
  }

  private String subject() {
    return "envelope cipher '" + name + "'";
  }

  private EncryptException cannotEncrypt(
      EncryptException.Reason reason, String what, @Nullable Throwable cause) {
    requireOpen();
    return new EncryptException(reason, subject() + " cannot encrypt: " + what, cause);
  }

  private DecryptException cannotDecrypt(
      DecryptException.Reason reason, String what, @Nullable Throwable cause) {
    requireOpen();
    return new DecryptException(reason, subject() + " cannot decrypt: " + what, cause);
  }

  /** Options of an {@link EnvelopeCipher}. For one thread. */
  @Beta
  public static final class Builder {

    private final String name;
    private @Nullable KeyManagement keyManagement;
    private DataKeyLimits limits = DataKeyLimits.DEFAULT;
    private int cachedDataKeys = DEFAULT_CACHED_DATA_KEYS;
    private Telemetry telemetry = Telemetry.none();
    private EventSink events = EventSink.none();
    private TimeSource timeSource = TimeSource.system();
    private @Nullable ScheduledExecutorService scheduler;

    private Builder(String name) {
      this.name = name;
    }

    /** Sets what wraps the data keys; required. */
    public Builder keyManagement(KeyManagement keyManagement) {
      this.keyManagement = Objects.requireNonNull(keyManagement, "keyManagement");
      return this;
    }

    /**
     * Sets how many messages one data key encrypts; by default and at most 100,000.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder messagesPerDataKey(long most) {
      limits = limits.withMessages(most);
      return this;
    }

    /**
     * Sets how many bytes one data key encrypts; by default and at most 1 GiB. A larger message is
     * refused.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder bytesPerDataKey(ByteSize most) {
      limits = limits.withBytes(most.toBytes());
      return this;
    }

    /**
     * Sets how long a data key is used after it was created or unwrapped; by default and at most
     * one hour.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder dataKeyAge(Duration most) {
      limits = limits.withAge(most);
      return this;
    }

    /**
     * Sets how many data keys are kept in memory; by default 256.
     *
     * @throws IllegalArgumentException if it is not 1 to 100,000
     */
    public Builder cachedDataKeys(int most) {
      cachedDataKeys = Options.between("cachedDataKeys", 1, 100_000, most);
      return this;
    }

    /** Sets where metrics go; by default nowhere. */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
      return this;
    }

    /** Sets who hears of a wrong provider; by default nobody. */
    public Builder events(EventSink events) {
      this.events = Objects.requireNonNull(events, "events");
      return this;
    }

    /** Sets the clocks; by default those of the JVM. */
    public Builder timeSource(TimeSource timeSource) {
      this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
      return this;
    }

    /** Sets who makes data keys ahead, which waits for the service; by default one own thread. */
    public Builder scheduler(ScheduledExecutorService scheduler) {
      this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
      return this;
    }

    /**
     * Returns the cipher; the service is not asked yet.
     *
     * @throws IllegalArgumentException if there is no key management
     */
    public EnvelopeCipher build() {
      KeyManagement service = keyManagement;
      if (service == null) {
        throw new IllegalArgumentException(
            "envelope cipher '" + name + "': keyManagement must be given");
      }
      return new EnvelopeCipher(this, service);
    }
  }
}
