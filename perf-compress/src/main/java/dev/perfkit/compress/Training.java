package dev.perfkit.compress;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Trains dictionaries on samples: the first once there are enough of them, and again from time to
 * time. One of five samples is kept out of training; a dictionary is adopted if those get smaller
 * by it.
 */
final class Training implements AutoCloseable {

  /** A dictionary is made of so many times its size, as its makers advise. */
  private static final int SAMPLES_FOR_EACH_BYTE = 20;

  private static final int LEAST_SAMPLES = 100;
  private static final int KEPT_OUT = 5;

  /** A new dictionary must save so much of what the one in use makes: 2 %. */
  private static final double WORTH_IT = 0.98;

  private static final Duration STOP = Duration.ofSeconds(2);

  private final String name;
  private final int size;
  private final int level;
  private final Samples samples;
  private final TrainedDictionaries dictionaries;
  private final TimeSource timeSource;
  private final EventSink events;
  private final ScheduledExecutorService scheduler;
  private final boolean owned;
  private final Consumer<Throwable> onFailure;
  private final Telemetry.Counter trained;
  private final ReentrantLock one = new ReentrantLock();
  private final AtomicBoolean asked = new AtomicBoolean();
  private final ScheduledFuture<?> again;
  private volatile boolean closed;

  Training(
      TrainedTransformBuilder builder,
      TrainedDictionaries dictionaries,
      Consumer<Throwable> onFailure) {
    this.name = builder.name;
    this.size = builder.dictionarySize.toIntBytes();
    this.level = builder.level;
    this.samples = new Samples(builder.sampleMemory.toBytes());
    this.dictionaries = dictionaries;
    this.timeSource = builder.timeSource;
    this.events = EventSink.guarded(builder.events, onFailure);
    this.onFailure = onFailure;
    this.trained =
        Telemetry.guarded(builder.telemetry, onFailure)
            .counter(
                Metric.named("compress.trained.adopted")
                    .help("Dictionaries that were trained and put to use")
                    .tag("transform", name));
    ScheduledExecutorService given = builder.scheduler;
    this.owned = given == null;
    this.scheduler = given == null ? WorkerThreads.scheduler("compress", name, 1) : given;
    long every = builder.retrainEvery.toNanos();
    this.again = scheduler.scheduleWithFixedDelay(this::renew, every, every, TimeUnit.NANOSECONDS);
  }

  /** Takes note of a value, and has the first dictionary trained once there are enough. */
  void sample(byte[] value) {
    if (closed) {
      return;
    }
    samples.offer(value);
    if (dictionaries.current() == null
        && !asked.get()
        && samples.bytes() >= (long) SAMPLES_FOR_EACH_BYTE * size
        && asked.compareAndSet(false, true)) {
      try {
        scheduler.execute(this::first);
      } catch (RejectedExecutionException noMore) {
        onFailure.accept(noMore);
      }
    }
  }

  private void first() {
    if (!dictionaries.refresh() && !train()) {
      // There will be other samples.
      asked.set(false);
      samples.clear();
    }
  }

  /** Takes what another node has trained since, or trains. */
  private void renew() {
    if (!dictionaries.refresh()) {
      train();
    }
  }

  boolean train() {
    if (closed) {
      return false;
    }
    one.lock();
    try {
      return trainOn(samples.copy());
    } catch (RuntimeException | LinkageError failure) {
      onFailure.accept(failure);
      return false;
    } finally {
      one.unlock();
    }
  }

  private boolean trainOn(List<byte[]> values) {
    List<byte[]> learned = new ArrayList<>();
    List<byte[]> keptOut = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      (i % KEPT_OUT == 0 ? keptOut : learned).add(values.get(i));
    }
    byte[] content =
        learned.size() < LEAST_SAMPLES ? null : TrainedCodec.train(learned, size, level);
    if (content == null) {
      return false;
    }
    TrainedDictionary fresh = new TrainedDictionary(content, timeSource.currentTimeMillis());
    long before = encodedLength(keptOut, dictionaries.current());
    long after;
    try (TrainedCodec.Digest digest = new TrainedCodec.Digest(fresh, level)) {
      after = encodedLength(keptOut, digest);
    }
    if (after >= before * WORTH_IT) {
      return false;
    }
    dictionaries.adopt(fresh);
    trained.increment();
    tell(fresh);
    return true;
  }

  /** Returns how many bytes values have, encoded. */
  private long encodedLength(List<byte[]> values, TrainedCodec.@Nullable Digest digest) {
    long total = 0;
    try (TrainedCodec.TrainedEncoder encoder = new TrainedCodec.TrainedEncoder(level)) {
      for (byte[] value : values) {
        byte[] encoded = encoder.encode(value, digest, Integer.MAX_VALUE);
        total += encoded == null ? value.length : encoded.length;
      }
    }
    return total;
  }

  private void tell(TrainedDictionary fresh) {
    events.accept(
        Event.of(
            "compress/" + name,
            "dictionary-trained",
            Event.Severity.INFO,
            timeSource.currentTimeMillis(),
            "payloads are encoded with dictionary " + TrainedDictionary.name(fresh.id())));
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    again.cancel(false);
    if (owned) {
      WorkerThreads.stop(scheduler, STOP);
    }
    samples.clear();
  }
}
