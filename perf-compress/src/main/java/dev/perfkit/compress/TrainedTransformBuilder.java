package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** Options of a {@link TrainedTransform}. For one thread. */
@Beta
public final class TrainedTransformBuilder {

  /** A dictionary is trained anew after so long unless told otherwise: a day. */
  public static final Duration DEFAULT_RETRAIN_EVERY = Duration.ofDays(1);

  private static final Duration LONGEST = Duration.ofDays(365);

  final String name;
  int level = 3;
  ByteSize minimumSize = TrainedTransform.DEFAULT_MINIMUM_SIZE;
  ByteSize dictionarySize = TrainedTransform.DEFAULT_DICTIONARY_SIZE;
  ByteSize sampleMemory = TrainedTransform.DEFAULT_SAMPLE_MEMORY;
  Duration retrainEvery = DEFAULT_RETRAIN_EVERY;
  DictionaryStore store = DictionaryStore.inMemory();
  Telemetry telemetry = Telemetry.none();
  EventSink events = EventSink.none();
  TimeSource timeSource = TimeSource.system();
  @Nullable ScheduledExecutorService scheduler;

  TrainedTransformBuilder(String name) {
    this.name = name;
  }

  /**
   * The level, 1 (fast) to 19 (small). Default: 3.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public TrainedTransformBuilder level(int level) {
    this.level = Options.between("level", Coding.ZSTD.minLevel(), Coding.ZSTD.maxLevel(), level);
    return this;
  }

  /**
   * Smaller payloads are left as they are. Default: {@link TrainedTransform#DEFAULT_MINIMUM_SIZE}.
   */
  public TrainedTransformBuilder minimumSize(ByteSize size) {
    minimumSize = Objects.requireNonNull(size, "minimumSize");
    return this;
  }

  /**
   * The most bytes of a dictionary; training begins once there are 20 times as many of samples.
   * Default: {@link TrainedTransform#DEFAULT_DICTIONARY_SIZE}.
   *
   * @throws IllegalArgumentException if it is under 1 KiB or over 1 MiB
   */
  public TrainedTransformBuilder dictionarySize(ByteSize size) {
    Options.require(
        size.toBytes() >= 1024 && size.toBytes() <= TrainedDictionary.MAXIMUM_SIZE.toBytes(),
        "dictionarySize",
        "be between 1 KiB and " + TrainedDictionary.MAXIMUM_SIZE,
        size);
    dictionarySize = size;
    return this;
  }

  /**
   * The most bytes of values that are kept to train on, in the heap. Default: {@link
   * TrainedTransform#DEFAULT_SAMPLE_MEMORY}.
   */
  public TrainedTransformBuilder sampleMemory(ByteSize size) {
    sampleMemory = Objects.requireNonNull(size, "sampleMemory");
    return this;
  }

  /**
   * After how long a newer dictionary is looked for in the store, and if there is none, trained.
   * Default: {@link #DEFAULT_RETRAIN_EVERY}.
   *
   * @throws IllegalArgumentException if it is under a second or over a year
   */
  public TrainedTransformBuilder retrainEvery(Duration time) {
    retrainEvery = Options.between("retrainEvery", Duration.ofSeconds(1), LONGEST, time);
    return this;
  }

  /** Where other nodes find dictionaries, and theirs are found. Default: in memory, for nobody. */
  public TrainedTransformBuilder store(DictionaryStore store) {
    this.store = Objects.requireNonNull(store, "store");
    return this;
  }

  /** Where measurements go. Default: nowhere. */
  public TrainedTransformBuilder telemetry(Telemetry telemetry) {
    this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
    return this;
  }

  /** Who is told when a dictionary was trained. Default: nobody. */
  public TrainedTransformBuilder events(EventSink events) {
    this.events = Objects.requireNonNull(events, "events");
    return this;
  }

  /** The clocks. Default: those of the JVM. */
  public TrainedTransformBuilder timeSource(TimeSource timeSource) {
    this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
    return this;
  }

  /** What trains; it remains the caller's. Default: a thread of its own. */
  public TrainedTransformBuilder scheduler(ScheduledExecutorService scheduler) {
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * Returns a running transform, which has asked the store for the latest dictionary.
   *
   * @throws IllegalArgumentException if there is no room for 20 times a dictionary in the samples
   * @throws CompressException if {@code com.github.luben:zstd-jni} is absent or does not work here
   */
  public TrainedTransform build() {
    Options.require(
        sampleMemory.toBytes() >= 20 * dictionarySize.toBytes(),
        "sampleMemory",
        "be at least 20 times dictionarySize",
        sampleMemory);
    Codecs.Availability zstd = Codecs.of(Coding.ZSTD);
    if (zstd.codec() == null) {
      throw new CompressException(
          "a trained transform cannot be made: " + zstd.problem(), zstd.cause());
    }
    return new TrainedTransform(this);
  }
}
