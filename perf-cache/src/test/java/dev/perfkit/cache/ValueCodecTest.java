package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.TransformException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * Proves the stored form: byte for byte what the golden file holds, read back, and refused with a
 * reason, never with anything else, when it is not an entry of this cache.
 */
class ValueCodecTest {

  private static final long NOW = 1_700_000_000_000L;
  private static final byte[] CONTEXT = {1, 2, 3};
  private static final byte[] ID = "a lease of 16 by".getBytes(StandardCharsets.UTF_8);
  private static final long GENESIS = 0x0102030405060708L;
  private static final Marks.Reading THEN = new Marks.Reading(0x1112131415161718L, 42, 0);
  private static final List<String> TAGS = List.of("red", "größe");
  private static final Stamp STAMP =
      new Stamp(
          0,
          NOW,
          NOW - 50,
          Duration.ofMinutes(5).toNanos(),
          Duration.ofHours(1).toNanos(),
          Duration.ofMillis(45).toNanos(),
          THEN,
          TAGS);
  private static final String TEXT = "a value that is long enough";

  private static ValueCodec<String> codec(ByteTransform... transforms) {
    return new ValueCodec<>(StringSerializer.create(), List.of(transforms), 1000, 1000);
  }

  private static byte[] encode(ValueCodec<String> codec, String value) throws CodingException {
    return codec.encode(value, STAMP, ID, GENESIS, CONTEXT);
  }

  private static Reason refusal(ValueCodec<String> codec, byte[] stored) {
    return refusal(codec, stored, CONTEXT);
  }

  private static Reason refusal(ValueCodec<String> codec, byte[] stored, byte[] context) {
    return catchThrowableOfType(CodingException.class, () -> codec.decode(stored, NOW, context))
        .reason();
  }

  private static byte[] golden(String name) throws IOException {
    try (InputStream in = ValueCodecTest.class.getResourceAsStream("/golden/" + name)) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return HexFormat.of().parseHex(text.replaceAll("#.*", "").replaceAll("\\s", ""));
    }
  }

  @Test
  void encode_plain_isTheGoldenFile() throws Exception {
    assertThat(encode(codec(), TEXT)).isEqualTo(golden("entry-v1-plain.hex"));
  }

  @Test
  void encode_transformed_isTheGoldenFile() throws Exception {
    ValueCodec<String> codec = codec(new XorTransform(5, false), new XorTransform(70, true));
    assertThat(encode(codec, TEXT)).isEqualTo(golden("entry-v1-transformed.hex"));
  }

  @Test
  void decode_goldenFiles_giveTheValueAndItsTimes() throws Exception {
    Found<String> plain = codec().decode(golden("entry-v1-plain.hex"), NOW + 1000, CONTEXT);
    assertThat(plain)
        .isEqualTo(
            new Found<>(
                TEXT,
                Duration.ofSeconds(299).toNanos(),
                Duration.ofSeconds(299 + 3600).toNanos(),
                GENESIS,
                THEN,
                TAGS,
                new Birth(
                    NOW - 50,
                    Duration.ofMinutes(5).plusMillis(50).toNanos(),
                    Duration.ofMillis(45).toNanos(),
                    golden("entry-v1-plain.hex").length)));
    ValueCodec<String> codec = codec(new XorTransform(5, false), new XorTransform(70, true));
    assertThat(codec.decode(golden("entry-v1-transformed.hex"), NOW, CONTEXT).value())
        .isEqualTo(TEXT);
    assertThat(Envelope.read(golden("entry-v1-plain.hex")).costMicros()).isEqualTo(45_000);
  }

  @Test
  void decode_pastItsExpiry_isStale() throws Exception {
    Found<String> found =
        codec().decode(encode(codec(), TEXT), NOW + Duration.ofMinutes(6).toMillis(), CONTEXT);
    assertThat(found.isFresh()).isFalse();
    assertThat(found.freshNanos()).isEqualTo(-Duration.ofMinutes(1).toNanos());
  }

  @Test
  void decode_clockOfTheReaderBehind_isNotFreshForLongerThanWritten() throws Exception {
    Found<String> found = codec().decode(encode(codec(), TEXT), NOW - 1_000_000, CONTEXT);
    assertThat(found.freshNanos()).isEqualTo(Duration.ofMinutes(5).plusMillis(50).toNanos());
  }

  @Test
  void decode_optionalTransformThatWasNotWorthIt_isRead() throws Exception {
    ValueCodec<String> codec = codec(new XorTransform(5, false), new XorTransform(70, true));
    assertThat(codec.decode(encode(codec, "short"), NOW, CONTEXT).value()).isEqualTo("short");
  }

  @Test
  void decode_requiredTransformStripped_isRefused() throws Exception {
    byte[] plain = encode(codec(), TEXT);
    assertThat(refusal(codec(new XorTransform(70, true)), plain))
        .isEqualTo(Reason.MISSING_TRANSFORM);
    byte[] optionalOnly = encode(codec(new XorTransform(5, false)), TEXT);
    assertThat(refusal(codec(new XorTransform(5, false), new XorTransform(70, true)), optionalOnly))
        .isEqualTo(Reason.MISSING_TRANSFORM);
  }

  @Test
  void decode_otherTransforms_isRefused() throws Exception {
    byte[] stored = encode(codec(new XorTransform(5, false), new XorTransform(70, true)), TEXT);
    assertThat(refusal(codec(), stored)).isEqualTo(Reason.OTHER_TRANSFORMS);
    assertThat(refusal(codec(new XorTransform(6, false)), stored))
        .isEqualTo(Reason.OTHER_TRANSFORMS);
    assertThat(refusal(codec(new XorTransform(70, false), new XorTransform(5, false)), stored))
        .as("in another order")
        .isEqualTo(Reason.OTHER_TRANSFORMS);
  }

  @Test
  void decode_underAnotherContext_isRefused() throws Exception {
    ValueCodec<String> codec = codec(new XorTransform(70, true));
    assertThat(refusal(codec, encode(codec, TEXT), new byte[] {9})).isEqualTo(Reason.DAMAGED);
  }

  @Test
  void decode_otherSerializer_isRefused() throws Exception {
    byte[] stored = encode(codec(), TEXT);
    stored[6] = 1;
    assertThat(refusal(codec(), stored)).isEqualTo(Reason.OTHER_SERIALIZER);
  }

  @Test
  void decode_notAnEntry_isRefusedByReason() throws Exception {
    byte[] stored = encode(codec(), TEXT);
    assertThat(refusal(codec(), new byte[0])).isEqualTo(Reason.NOT_AN_ENTRY);
    assertThat(refusal(codec(), "a stranger's value".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(Reason.NOT_AN_ENTRY);
    assertThat(refusal(codec(), changed(stored, 4, 2))).isEqualTo(Reason.UNKNOWN_VERSION);
    assertThat(refusal(codec(), changed(stored, 5, 2))).isEqualTo(Reason.MALFORMED);
    assertThat(refusal(codec(), changed(stored, 5, 1)))
        .as("absent, but with a value")
        .isEqualTo(Reason.MALFORMED);
    assertThat(refusal(codec(), changed(stored, 7, 200))).isEqualTo(Reason.MALFORMED);
    assertThat(refusal(codec(), changed(stored, 48, 0x80))).isEqualTo(Reason.MALFORMED);
    assertThat(refusal(codec(), Arrays.copyOf(stored, stored.length - 1)))
        .isEqualTo(Reason.MALFORMED);
    assertThat(refusal(codec(), Arrays.copyOf(stored, stored.length + 1)))
        .isEqualTo(Reason.MALFORMED);
    assertThat(refusal(codec(), changed(stored, 100, 0xFF))).isEqualTo(Reason.NOT_SERIALIZABLE);
  }

  @Test
  void decode_absent_saysSo() throws Exception {
    for (ValueCodec<String> codec : List.of(codec(), codec(new XorTransform(70, true)))) {
      byte[] stored = codec.encode(null, STAMP, ID, GENESIS, CONTEXT);
      Found<String> found = codec.decode(stored, NOW, CONTEXT);
      assertThat(found.value()).isNull();
      assertThat(found.isFresh()).isTrue();
    }
  }

  private static byte[] changed(byte[] stored, int at, int value) {
    byte[] copy = stored.clone();
    copy[at] = (byte) value;
    return copy;
  }

  @Test
  void sizes_overTheirLimits_areRefusedInBothDirections() throws Exception {
    byte[] stored = encode(codec(), TEXT);
    int decoded = TEXT.length();
    assertThatCode(() -> limited(decoded, stored.length).decode(stored, NOW, CONTEXT))
        .doesNotThrowAnyException();
    assertThat(refusal(limited(decoded - 1, stored.length), stored)).isEqualTo(Reason.TOO_LARGE);
    assertThat(refusal(limited(decoded, stored.length - 1), stored)).isEqualTo(Reason.TOO_LARGE);
    assertThat(encodeRefusal(limited(decoded - 1, stored.length))).isEqualTo(Reason.TOO_LARGE);
    assertThat(encodeRefusal(limited(decoded, stored.length - 1))).isEqualTo(Reason.TOO_LARGE);
  }

  private static ValueCodec<String> limited(int decoded, int encoded) {
    return new ValueCodec<>(StringSerializer.create(), List.of(), decoded, encoded);
  }

  private static Reason encodeRefusal(ValueCodec<String> codec) {
    return catchThrowableOfType(CodingException.class, () -> encode(codec, TEXT)).reason();
  }

  @Test
  void encode_whatCannotBeWritten_isRefusedByReason() {
    assertThat(
            catchThrowableOfType(CodingException.class, () -> encode(codec(), "\uD800")).reason())
        .isEqualTo(Reason.NOT_SERIALIZABLE);
    assertThat(encodeRefusal(codec(failing(new IllegalStateException()))))
        .isEqualTo(Reason.DAMAGED);
    assertThat(
            encodeRefusal(
                codec(
                    failing(
                        new TransformException(
                            TransformException.Reason.KEY_UNAVAILABLE, "no key")))))
        .isEqualTo(Reason.KEY_UNAVAILABLE);
  }

  private static ByteTransform failing(RuntimeException failure) {
    return new ByteTransform() {
      @Override
      public int id() {
        return 70;
      }

      @Override
      public boolean required() {
        return true;
      }

      @Override
      public byte[] encode(byte[] input, byte[] context) {
        throw failure;
      }

      @Override
      public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
        throw failure;
      }
    };
  }

  @Property
  void decode_whateverBytes_isAValueOrARefusal(@ForAll byte[] bytes) {
    requireValueOrRefusal(bytes);
  }

  @Property
  void decode_anEntryWithChangedBytes_isAValueOrARefusal(
      @ForAll byte value, @ForAll @net.jqwik.api.constraints.IntRange(max = 58) int at)
      throws CodingException {
    requireValueOrRefusal(changed(encode(codec(), TEXT), at, value));
  }

  private static void requireValueOrRefusal(byte[] stored) {
    try {
      Found<String> found = codec(new XorTransform(5, false)).decode(stored, NOW, CONTEXT);
      assertThat(found.freshNanos()).isLessThanOrEqualTo(Lifetimes.LONGEST.toNanos());
    } catch (CodingException refused) {
      assertThat(refused.reason()).isNotNull();
    }
  }
}
