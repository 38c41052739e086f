package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.TransformException;
import dev.perfkit.spi.support.Options;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compresses small payloads, such as cache values of a few hundred bytes, with a dictionary that is
 * trained on them.
 *
 * <pre>{@code
 * TrainedTransform users =
 *     TrainedTransform.named("users").store(DictionaryStore.directory(shared)).build();
 * }</pre>
 *
 * <p>It keeps samples of what it encodes, trains a dictionary once there are enough, and again each
 * day; a new one is used only if it makes the samples smaller. Each payload names its dictionary.
 * One that nobody here has is asked for in the store; if it is not there, decoding fails with
 * {@link TransformException.Reason#KEY_UNAVAILABLE}, which for a cache is a miss. Until the first
 * dictionary is trained payloads are compressed without one.
 *
 * <p>Dictionaries and samples hold pieces of values in the clear. Give it nothing that must not lie
 * in the store as it is; values that are encrypted afterwards included.
 *
 * <p>Safe for use by any number of threads. Training runs on a thread of the scheduler. A closed
 * transform still works, only slower, and trains no more.
 */
@Beta
public final class TrainedTransform implements ByteTransform, Component {

  /** The id of its payloads: {@value}. */
  public static final int ID = 3;

  /** Payloads under this size are not compressed unless another size is given: 64 bytes. */
  public static final ByteSize DEFAULT_MINIMUM_SIZE = ByteSize.ofBytes(64);

  /** The most bytes of a dictionary unless another size is given: 32 KiB. */
  public static final ByteSize DEFAULT_DICTIONARY_SIZE = ByteSize.ofKibibytes(32);

  /** The most bytes of samples unless another size is given: 4 MiB. */
  public static final ByteSize DEFAULT_SAMPLE_MEMORY = ByteSize.ofMebibytes(4);

  private static final Logger log = LoggerFactory.getLogger(TrainedTransform.class);

  private final String name;
  private final int minimumSize;
  private final ContextPool<TrainedCodec.TrainedEncoder> encoders;
  private final ContextPool<TrainedCodec.TrainedDecoder> decoders;
  private final TrainedDictionaries dictionaries;
  private final Training training;

  TrainedTransform(TrainedTransformBuilder builder) {
    this.name = builder.name;
    this.minimumSize = (int) Math.min(Integer.MAX_VALUE, builder.minimumSize.toBytes());
    int contexts = ContextPool.defaultMaximum();
    int level = builder.level;
    this.encoders = new ContextPool<>(contexts, () -> new TrainedCodec.TrainedEncoder(level));
    this.decoders = new ContextPool<>(contexts, TrainedCodec.TrainedDecoder::new);
    this.dictionaries = new TrainedDictionaries(builder, onFirst("dictionary store"));
    this.training = new Training(builder, dictionaries, onFirst("training"));
  }

  private Consumer<Throwable> onFirst(String what) {
    AtomicBoolean logged = new AtomicBoolean();
    return failure -> {
      if (logged.compareAndSet(false, true)) {
        log.warn("trained transform '{}': {} fails; this is said once", name, what, failure);
      }
    };
  }

  /**
   * Returns a builder.
   *
   * @param name what it is called in metrics, health and logs
   * @throws IllegalArgumentException if the name is blank
   */
  public static TrainedTransformBuilder named(String name) {
    return new TrainedTransformBuilder(Options.notBlank("name", name));
  }

  @Override
  public int id() {
    return ID;
  }

  /** Returns false: a payload that was not worth it is read as it is. */
  @Override
  public boolean required() {
    return false;
  }

  /** Returns the compressed payload, or null if it is too small or would not get smaller. */
  @Override
  public byte @Nullable [] encode(byte[] input, byte[] context) {
    Objects.requireNonNull(context, "context");
    if (input.length < minimumSize || input.length == 0) {
      return null;
    }
    training.sample(input);
    TrainedCodec.TrainedEncoder encoder = encoders.acquire();
    try {
      return encoder.encode(input, dictionaries.current(), input.length - 1);
    } finally {
      encoders.release(encoder);
    }
  }

  /**
   * Restores a payload. An unknown dictionary is {@code KEY_UNAVAILABLE}; the store is asked for it
   * first, which may take as long as the store does, at most once in ten seconds for each id.
   */
  @Override
  public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
    Objects.checkFromIndexSize(offset, length, input.length);
    Objects.requireNonNull(context, "context");
    Options.atLeast("maxLength", 0, maxLength);
    TrainedCodec.Digest digest = dictionaries.of(input, offset, length);
    TrainedCodec.TrainedDecoder decoder = decoders.acquire();
    try {
      decoder.use(digest);
      return decoder.decode(input, offset, length, maxLength);
    } finally {
      decoders.release(decoder);
    }
  }

  /**
   * Returns the dictionary that payloads are encoded with, for other nodes; null before the first.
   */
  public @Nullable TrainedDictionary dictionary() {
    return dictionaries.currentDictionary();
  }

  /** Uses a dictionary, of another node, from here on, and puts it into the store. */
  public void use(TrainedDictionary dictionary) {
    dictionaries.adopt(Objects.requireNonNull(dictionary, "dictionary"));
  }

  /**
   * Trains a dictionary on the samples, on the calling thread, which takes about a second; and uses
   * it if it makes them smaller than the one in use.
   *
   * @return whether there is a new one in use
   */
  public boolean train() {
    return training.train();
  }

  @Override
  public String kind() {
    return "compress";
  }

  @Override
  public String name() {
    return name;
  }

  /** Returns UP with the dictionary in use; DEGRADED if the store fails; DOWN once closed. */
  @Override
  public Health health() {
    if (training.isClosed()) {
      return Health.of(Health.Status.DOWN, "closed");
    }
    TrainedDictionary current = dictionaries.currentDictionary();
    String used = current == null ? "none yet" : TrainedDictionary.name(current.id());
    String failure = dictionaries.failure();
    Health health =
        failure == null
            ? Health.up()
            : Health.of(Health.Status.DEGRADED, "dictionary store failed: " + failure);
    return health.with("dictionary", used);
  }

  /** Stops training and frees the native memory that is not in use. Further calls do nothing. */
  @Override
  public void close() {
    training.close();
    encoders.close();
    decoders.close();
  }

  @Override
  public String toString() {
    return "TrainedTransform[" + name + "]";
  }
}
