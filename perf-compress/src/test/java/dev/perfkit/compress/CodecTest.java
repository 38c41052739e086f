package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Proves that what the codecs write is read by decoders that are not ours, at every size around the
 * pieces they work in, from one context used again and again.
 */
class CodecTest {

  private static final int[] SIZES = {
    0, 1, 2, 100, 1_023, 1_024, 65_535, 65_536, 65_537, 131_072, 200_000, 1_048_577, 3_000_000
  };

  static Stream<Codec> codecs() {
    return Stream.of(GzipCodec.INSTANCE, DeflateCodec.INSTANCE, new ZstdCodec(), new BrotliCodec());
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void encode_anySize_isReadByAnIndependentDecoder(Codec codec) {
    try (Encoder encoder = codec.newEncoder(false)) {
      for (int level : new int[] {codec.minLevel(), 3, codec.minLevel(), 6}) {
        for (int size : SIZES) {
          for (byte[] body : List.of(Bodies.text(size), Bodies.noise(size), new byte[size])) {
            byte[] encoded = encode(encoder, body, level);
            assertThat(Arrays.equals(Bodies.decode(codec.coding(), encoded), body))
                .as("level %s, %s bytes", level, size)
                .isTrue();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void encode_highestLevelOfALargeBody_isReadByAnIndependentDecoder(Codec codec) {
    byte[] body = new byte[12_000_000];
    System.arraycopy(Bodies.text(300_000), 0, body, 6_000_000, 300_000);
    try (Encoder encoder = codec.newEncoder(true)) {
      byte[] encoded = encode(encoder, body, codec.maxLevel());
      assertThat(Arrays.equals(Bodies.decode(codec.coding(), encoded), body)).isTrue();
      if (codec instanceof PayloadCodec payload) {
        try (Decoder decoder = payload.newDecoder()) {
          assertThat(decoder.decode(encoded, 0, encoded.length, body.length))
              .as("within our own window limit")
              .isEqualTo(body);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void encode_sameBodyAgain_givesTheSameBytes(Codec codec) {
    byte[] body = Bodies.text(20_000);
    try (Encoder encoder = codec.newEncoder(false);
        Encoder other = codec.newEncoder(false)) {
      byte[] first = encode(encoder, body, 3);
      encode(encoder, Bodies.noise(70_000), 6);
      assertThat(encode(encoder, body, 3)).isEqualTo(first);
      assertThat(encode(other, body, 3)).isEqualTo(first);
      assertThat(Bodies.decode(codec.coding(), first)).isEqualTo(body);
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void encode_overTheLimit_isNullAndTheLimitItselfIsNot(Codec codec) {
    for (int size : new int[] {5_000, 500_000}) {
      byte[] body = Bodies.text(size);
      try (Encoder encoder = codec.newEncoder(false);
          Encoder second = codec.newEncoder(false)) {
        byte[] encoded = encode(encoder, body, 3);
        assertThat(second.encode(body, 3, encoded.length)).isEqualTo(encoded);
        assertThat(encoder.encode(body, 3, encoded.length - 1)).isNull();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void encode_givenUpInTheMiddle_isNotReused(Codec codec) {
    try (Encoder encoder = codec.newEncoder(false)) {
      assertThat(encoder.encode(Bodies.text(2_000), 3, 1_999)).isNotNull();
      assertThat(encoder.isReusable()).isTrue();
      assertThat(encoder.encode(Bodies.noise(2_000), 3, 1_999)).as("one piece").isNull();
      assertThat(encoder.isReusable()).isTrue();
      assertThat(encoder.encode(Bodies.noise(500_000), 3, 100_000)).as("many").isNull();
      assertThat(encoder.isReusable()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void encode_largeBody_isNotReusedForItsMemory(Codec codec) {
    try (Encoder encoder = codec.newEncoder(false)) {
      encode(encoder, new byte[Encoder.LARGE], 1);
      assertThat(encoder.isReusable()).isTrue();
      encode(encoder, new byte[Encoder.LARGE + 1], 1);
      assertThat(encoder.isReusable()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void level_higher_isSmaller(Codec codec) {
    byte[] body = Bodies.text(200_000);
    try (Encoder encoder = codec.newEncoder(false)) {
      assertThat(encode(encoder, body, codec.maxLevel()).length)
          .isLessThan(encode(encoder, body, codec.minLevel()).length);
    }
  }

  @Test
  void zstdEncode_usedAfterClose_fails() {
    Encoder encoder = new ZstdCodec().newEncoder(false);
    encoder.close();
    encoder.close();
    assertThatThrownBy(() -> encoder.encode(Bodies.text(100), 3, 1_000))
        .isInstanceOf(IllegalStateException.class);
    assertThat(encoder.isReusable()).isFalse();
  }

  private static byte[] encode(Encoder encoder, byte[] body, int level) {
    return Objects.requireNonNull(encoder.encode(body, level, Integer.MAX_VALUE));
  }
}
