package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.TransformException;
import dev.perfkit.spi.TransformException.Reason;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves trained dictionaries: values get smaller by them, payloads of every dictionary stay
 * readable on every node that shares the store, an unknown one is a failure a cache takes for a
 * miss, and a dictionary that is no better is not used.
 */
class TrainedTransformTest {

  private static final byte[] CONTEXT = {};
  private static final int LIMIT = 1 << 20;
  private static final List<byte[]> VALUES = SmallValues.of(3_000, 42);
  private static final List<byte[]> OTHERS = SmallValues.of(500, 43);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final RecordingEvents events = RecordingEvents.create();
  private final List<TrainedTransform> made = new ArrayList<>();
  private final DictionaryStore shared = DictionaryStore.inMemory();

  @TempDir Path directory;

  @AfterEach
  void close() {
    made.forEach(TrainedTransform::close);
  }

  @Test
  void values_withADictionary_haveLessThanTwoThirdsOfTheBytes() {
    TrainedTransform trained = trained(shared);
    long with = 0;
    long without = 0;
    try (CompressionTransform plain = CompressionTransform.zstd(3, ByteSize.ofBytes(64))) {
      for (byte[] value : OTHERS) {
        byte[] small = Objects.requireNonNull(trained.encode(value, CONTEXT));
        byte[] large = plain.encode(value, CONTEXT);
        with += small.length;
        without += large == null ? value.length : large.length;
        assertThat(decode(trained, small)).isEqualTo(value);
      }
    }
    assertThat((double) without / with).isGreaterThan(1.5);
  }

  @Test
  void values_enoughOfThem_areTrainedOnOnceInTheBackground() {
    TrainedTransform transform = transform(shared);
    int passed = 0;
    while (transform.dictionary() == null && passed < VALUES.size()) {
      transform.encode(VALUES.get(passed++), CONTEXT);
      time.advance(Duration.ofMillis(1));
    }
    assertThat(transform.dictionary()).isNotNull();
    assertThat(passed).isGreaterThan(100);
    assertThat(events.types()).containsExactly("dictionary-trained");
    assertThat(telemetry.count("compress.trained.adopted", "transform", "values")).isEqualTo(1);
    assertThat(transform.health())
        .isEqualTo(Health.up().with("dictionary", TrainedDictionary.name(current(transform).id())));
  }

  @Test
  void payload_beforeTheFirstDictionary_isReadableAfterIt() {
    TrainedTransform transform = transform(shared);
    byte[] before = Objects.requireNonNull(transform.encode(VALUES.get(0), CONTEXT));
    VALUES.forEach(value -> transform.encode(value, CONTEXT));
    assertThat(transform.train()).isTrue();
    byte[] after = Objects.requireNonNull(transform.encode(VALUES.get(0), CONTEXT));
    assertThat(after.length).isLessThan(before.length);
    for (byte[] payload : List.of(before, after, before, after)) {
      assertThat(decode(transform, payload)).isEqualTo(VALUES.get(0));
    }
  }

  @Test
  void payload_byteForByte_isAsDocumented() {
    TrainedTransform transform = trained(shared);
    byte[] payload = Objects.requireNonNull(transform.encode(OTHERS.get(0), CONTEXT));
    assertThat(payload[0]).isEqualTo((byte) 1);
    assertThat(TrainedDictionary.name(ByteBuffer.wrap(payload, 1, 4).getInt()))
        .isEqualTo(TrainedDictionary.name(current(transform).id()));
    assertThat(payload[5] & 0x1f).as("checksum, no dictionary id").isEqualTo(4);
    assertThat(transform.id()).isEqualTo(3);
    assertThat(transform.required()).isFalse();
  }

  @Test
  void payload_ofAnotherNode_isReadThroughTheStore() {
    DictionaryStore files = DictionaryStore.directory(directory.resolve("dictionaries"));
    TrainedTransform reader = transform(files);
    byte[] payload = Objects.requireNonNull(trained(files).encode(OTHERS.get(0), CONTEXT));
    assertThat(decode(reader, payload)).isEqualTo(OTHERS.get(0));
    assertThat(reader.dictionary()).as("it still writes without one").isNull();
    assertThat(transform(files).dictionary()).as("one that starts later").isNotNull();
    time.advance(TrainedTransformBuilder.DEFAULT_RETRAIN_EVERY);
    assertThat(reader.dictionary()).as("the next day").isNotNull();
  }

  @Test
  void payload_ofAnUnknownDictionary_isUnavailableAndAskedForSparingly() {
    AtomicInteger asked = new AtomicInteger();
    byte[] payload = Objects.requireNonNull(trained(shared).encode(OTHERS.get(0), CONTEXT));
    TrainedTransform stranger = transform(new Answering(asked, null));
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> decode(stranger, payload))
          .isInstanceOfSatisfying(
              TransformException.class,
              refused -> assertThat(refused.reason()).isEqualTo(Reason.KEY_UNAVAILABLE))
          .hasMessageContaining("which neither this node nor its store has");
    }
    assertThat(asked.get()).isEqualTo(1);
    assertThat(telemetry.count("compress.trained.unknown", "transform", "values")).isEqualTo(5);
    time.advance(Duration.ofSeconds(10));
    assertThatThrownBy(() -> decode(stranger, payload)).isInstanceOf(TransformException.class);
    assertThat(asked.get()).isEqualTo(2);
  }

  @Test
  void dictionary_exported_isUsedElsewhere() {
    TrainedTransform there = trained(shared);
    TrainedDictionary dictionary = current(there);
    TrainedDictionary copy = TrainedDictionary.from(dictionary.toBytes());
    assertThat(copy).isEqualTo(dictionary).hasSameHashCodeAs(dictionary);
    assertThat(copy.trainedAt()).isEqualTo(dictionary.trainedAt());
    assertThat(copy.toString())
        .startsWith("TrainedDictionary[" + TrainedDictionary.name(copy.id()));
    TrainedTransform here = transform(DictionaryStore.inMemory());
    here.use(copy);
    byte[] payload = Objects.requireNonNull(there.encode(OTHERS.get(0), CONTEXT));
    assertThat(decode(here, payload)).isEqualTo(OTHERS.get(0));
    assertThat(here.encode(OTHERS.get(0), CONTEXT)).isEqualTo(payload);
  }

  @Test
  void dictionary_damaged_isRefusedOrPassedOver() throws IOException {
    byte[] bytes = current(trained(shared)).toBytes();
    for (byte[] wrong :
        List.of(
            new byte[0],
            Arrays.copyOf(bytes, 13),
            "no dictionary at all".getBytes(StandardCharsets.UTF_8))) {
      assertThatThrownBy(() -> TrainedDictionary.from(wrong)).isInstanceOf(CompressException.class);
    }
    DictionaryStore files = DictionaryStore.directory(directory);
    TrainedDictionary dictionary = TrainedDictionary.from(bytes);
    files.put(dictionary);
    Path file = directory.resolve(TrainedDictionary.name(dictionary.id()) + ".pzdt");
    byte[] changed = Files.readAllBytes(file);
    changed[changed.length - 1] ^= 1;
    Files.write(file, changed);
    assertThat(files.find(dictionary.id())).as("its id is of other bytes").isNull();
    Files.writeString(file, "garbage");
    assertThat(files.find(dictionary.id())).isNull();
    assertThat(files.latest()).isNull();
    assertThat(DictionaryStore.directory(directory.resolve("absent")).latest()).isNull();
  }

  @Test
  void training_thatIsNoBetter_changesNothing() {
    TrainedTransform transform = trained(shared);
    int before = current(transform).id();
    VALUES.forEach(value -> transform.encode(value, CONTEXT));
    assertThat(transform.train()).isFalse();
    assertThat(current(transform).id()).isEqualTo(before);
  }

  @Test
  void training_onOtherValues_replacesTheDictionaryAndReadsTheOld() {
    TrainedTransform transform = trained(shared);
    int before = current(transform).id();
    byte[] old = Objects.requireNonNull(transform.encode(OTHERS.get(0), CONTEXT));
    for (int i = 0; i < 40_000; i++) {
      String text = "<order number='" + i * 7919 + "'><line article='A-" + i % 977 + "'/></order>";
      transform.encode(text.repeat(6).getBytes(StandardCharsets.UTF_8), CONTEXT);
    }
    time.advance(TrainedTransformBuilder.DEFAULT_RETRAIN_EVERY);
    assertThat(current(transform).id()).isNotEqualTo(before);
    assertThat(decode(transform, old)).isEqualTo(OTHERS.get(0));
  }

  @Test
  void training_onTooFewValues_isPutOff() {
    TrainedTransform transform = transform(shared);
    VALUES.subList(0, 60).forEach(value -> transform.encode(value, CONTEXT));
    assertThat(transform.train()).isFalse();
    assertThat(transform.dictionary()).isNull();
    transform.close();
    VALUES.forEach(value -> transform.encode(value, CONTEXT));
    assertThat(transform.train()).as("closed").isFalse();
    assertThat(transform.health().status()).isEqualTo(Health.Status.DOWN);
  }

  @Test
  void store_thatFails_isDegradedAndNothingElse() {
    TrainedTransform transform =
        transform(new Answering(new AtomicInteger(), new IOException("disk full")));
    VALUES.forEach(value -> transform.encode(value, CONTEXT));
    assertThat(transform.train()).isTrue();
    assertThat(transform.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(transform.health().reason()).contains("disk full");
    byte[] payload = Objects.requireNonNull(transform.encode(OTHERS.get(0), CONTEXT));
    assertThat(decode(transform, payload)).isEqualTo(OTHERS.get(0));
  }

  @Test
  void samples_manyAndLarge_stayBounded() {
    Samples samples = new Samples(100_000);
    for (byte[] value : SmallValues.of(20_000, 7)) {
      samples.offer(value);
    }
    samples.offer(new byte[50_000]);
    assertThat(samples.bytes()).isBetween(90_000L, 100_000L);
    assertThat(samples.copy().stream().mapToLong(value -> value.length).sum())
        .isEqualTo(samples.bytes());
  }

  @Test
  void options_wrong_areRefused() {
    TrainedTransformBuilder builder = TrainedTransform.named("values");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.level(20));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.dictionarySize(ByteSize.ofBytes(1_023)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.retrainEvery(Duration.ofMillis(999)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.sampleMemory(ByteSize.ofKibibytes(639)).build())
        .withMessageContaining("sampleMemory must be at least 20 times dictionarySize");
    assertThat(transform(shared).encode(new byte[63], CONTEXT)).as("under the minimum").isNull();
  }

  private TrainedTransform transform(DictionaryStore store) {
    TrainedTransform transform =
        TrainedTransform.named("values")
            .store(store)
            .scheduler(scheduler)
            .timeSource(time)
            .telemetry(telemetry)
            .events(events)
            .build();
    made.add(transform);
    return transform;
  }

  private TrainedTransform trained(DictionaryStore store) {
    TrainedTransform transform = transform(store);
    VALUES.forEach(value -> transform.encode(value, CONTEXT));
    assertThat(transform.train()).isTrue();
    return transform;
  }

  private static TrainedDictionary current(TrainedTransform transform) {
    return Objects.requireNonNull(transform.dictionary());
  }

  private static byte[] decode(TrainedTransform transform, byte[] payload) {
    return transform.decode(payload, 0, payload.length, CONTEXT, LIMIT);
  }

  /** A store without dictionaries, or one that fails. */
  private record Answering(AtomicInteger asked, @Nullable IOException failure)
      implements DictionaryStore {

    @Override
    public void put(TrainedDictionary dictionary) throws IOException {
      fail();
    }

    @Override
    public @Nullable TrainedDictionary find(int id) throws IOException {
      asked.incrementAndGet();
      return fail();
    }

    @Override
    public @Nullable TrainedDictionary latest() throws IOException {
      return fail();
    }

    private @Nullable TrainedDictionary fail() throws IOException {
      if (failure != null) {
        throw failure;
      }
      return null;
    }
  }
}
