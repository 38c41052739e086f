package dev.perfkit.compress;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.TransformException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The dictionaries that are known here, a few, and the one that is used for what is encoded. What
 * is dropped is freed by the library's finalizers, when no context uses it any more.
 */
final class TrainedDictionaries {

  private static final int MOST_KNOWN = 16;
  private static final int MOST_MISSING = 256;

  /** How long the store is not asked again for an id that it did not have. */
  private static final Duration ASK_AGAIN = Duration.ofSeconds(10);

  /** A dictionary, and as the library has it. */
  private record Known(TrainedDictionary dictionary, TrainedCodec.Digest digest) {}

  private final DictionaryStore store;
  private final int level;
  private final TimeSource timeSource;
  private final Consumer<Throwable> onFailure;
  private final Telemetry.Counter unknown;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, Known> known = bounded(MOST_KNOWN);
  private final Map<Integer, Long> missing = bounded(MOST_MISSING);
  private volatile @Nullable Known current;
  private volatile @Nullable String failure;

  TrainedDictionaries(TrainedTransformBuilder builder, Consumer<Throwable> onFailure) {
    this.store = builder.store;
    this.level = builder.level;
    this.timeSource = builder.timeSource;
    this.onFailure = onFailure;
    this.unknown =
        Telemetry.guarded(builder.telemetry, onFailure)
            .counter(
                Metric.named("compress.trained.unknown")
                    .help("Payloads whose dictionary nobody here has")
                    .tag("transform", builder.name));
    refresh();
  }

  private static <V> Map<Integer, V> bounded(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Integer, V> eldest) {
        return size() > most;
      }
    };
  }

  TrainedCodec.@Nullable Digest current() {
    Known now = current;
    return now == null ? null : now.digest();
  }

  @Nullable TrainedDictionary currentDictionary() {
    Known now = current;
    return now == null ? null : now.dictionary();
  }

  /** Returns what the store last failed with, or null. */
  @Nullable String failure() {
    return failure;
  }

  /** Uses what the store has, if it is newer than what is in use; returns whether it is. */
  boolean refresh() {
    TrainedDictionary latest = ask(store::latest);
    TrainedDictionary now = currentDictionary();
    if (latest == null || (now != null && !latest.trainedAt().isAfter(now.trainedAt()))) {
      return false;
    }
    current = learn(latest);
    return true;
  }

  /** Uses a dictionary from here on, and lets others have it. */
  void adopt(TrainedDictionary dictionary) {
    current = learn(dictionary);
    ask(
        () -> {
          store.put(dictionary);
          return null;
        });
  }

  /** Returns the dictionary of a payload; null if it is without one. */
  TrainedCodec.@Nullable Digest of(byte[] input, int offset, int length) {
    if (length < TrainedCodec.HEADER || input[offset] != TrainedCodec.VERSION) {
      throw new TransformException(
          TransformException.Reason.DAMAGED,
          "trained zstd payload is damaged: it does not begin as one");
    }
    int id = ByteBuffer.wrap(input, offset + 1, Integer.BYTES).getInt();
    if (id == 0) {
      return null;
    }
    Known now = current;
    Known found = now != null && now.dictionary().id() == id ? now : find(id);
    if (found == null) {
      unknown.increment();
      throw new TransformException(
          TransformException.Reason.KEY_UNAVAILABLE,
          "trained zstd payload needs dictionary "
              + TrainedDictionary.name(id)
              + ", which neither this node nor its store has");
    }
    return found.digest();
  }

  private @Nullable Known find(int id) {
    lock.lock();
    try {
      Known here = known.get(id);
      Long askedAt = missing.get(id);
      long now = timeSource.nanoTime();
      if (here != null || (askedAt != null && now - askedAt < ASK_AGAIN.toNanos())) {
        return here;
      }
      missing.put(id, now);
    } finally {
      lock.unlock();
    }
    TrainedDictionary stored = ask(() -> store.find(id));
    return stored == null || stored.id() != id ? null : learn(stored);
  }

  private Known learn(TrainedDictionary dictionary) {
    lock.lock();
    try {
      missing.remove(dictionary.id());
      return known.computeIfAbsent(
          dictionary.id(),
          absent -> new Known(dictionary, new TrainedCodec.Digest(dictionary, level)));
    } finally {
      lock.unlock();
    }
  }

  private interface Question {
    @Nullable TrainedDictionary ask() throws IOException;
  }

  private @Nullable TrainedDictionary ask(Question question) {
    try {
      TrainedDictionary answer = question.ask();
      failure = null;
      return answer;
    } catch (IOException | RuntimeException broken) {
      failure = broken.toString().lines().findFirst().orElse("");
      onFailure.accept(broken);
      return null;
    }
  }
}
