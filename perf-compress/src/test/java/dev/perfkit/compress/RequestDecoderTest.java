package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.perfkit.spi.ByteSize;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves that request bodies are decoded within limits: bombs of every coding stop before they take
 * memory, damaged and cut ones are told from a client that went away, and each refusal has the
 * status that HTTP gives it.
 */
class RequestDecoderTest {

  private static final int BOMB = 64 << 20;

  private final RequestDecoder decoder = RequestDecoder.create();

  @ParameterizedTest
  @MethodSource("dev.perfkit.compress.Coding#builtIn")
  void decode_whatAClientEncoded_isTheBody(Coding coding) throws IOException {
    for (int size : new int[] {0, 1, 5_000, 3_000_000}) {
      byte[] body = Bodies.text(size);
      assertThat(Arrays.equals(read(coding.token(), encode(coding, body)), body)).isTrue();
      String padded = " " + coding.token().toUpperCase(Locale.ROOT) + "\t,";
      assertThat(read(padded, encode(coding, body))).hasSize(size);
    }
  }

  @Test
  void decode_withoutCoding_isTheVeryStream() throws IOException {
    InputStream body = new ByteArrayInputStream(new byte[0]);
    assertThat(decoder.decode(null, body)).isSameAs(body);
    assertThat(decoder.decode(List.of(), body)).isSameAs(body);
    assertThat(decoder.decode(List.of("identity", ", ,"), body)).isSameAs(body);
  }

  @ParameterizedTest
  @MethodSource("dev.perfkit.compress.Bodies#encodings")
  void bomb_ofEachCoding_isStoppedByItsRatio(Coding coding) {
    byte[] bomb = encode(coding, new byte[BOMB]);
    Counting counting = new Counting();
    assertThatThrownBy(() -> counting.readAll(decoder, coding, bomb))
        .isInstanceOfSatisfying(
            RequestRefusedException.class, refused -> assertThat(refused.status()).isEqualTo(413))
        .hasMessageContaining("100 times its size");
    assertThat(counting.read).isLessThan(100L * bomb.length + RequestDecoder.RATIO_GRACE + 8192);
  }

  @ParameterizedTest
  @MethodSource("dev.perfkit.compress.Bodies#encodings")
  void body_overTheSize_isRefused(Coding coding) throws IOException {
    RequestDecoder small =
        RequestDecoder.builder().maximumSize(ByteSize.ofBytes(50_000)).maximumRatio(9_999).build();
    byte[] fits = encode(coding, Bodies.text(50_000));
    assertThat(read(small, coding.token(), fits)).hasSize(50_000);
    byte[] over = encode(coding, Bodies.text(50_001));
    assertRefused(
        413,
        "decoded request body must have at most 50000 bytes but has more",
        () -> read(small, coding.token(), over));
  }

  @ParameterizedTest
  @MethodSource("dev.perfkit.compress.Bodies#encodings")
  void body_cutAnywhere_isDamaged(Coding coding) {
    byte[] whole = encode(coding, Bodies.text(3_000));
    for (int length = 1; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      Throwable failure = catchThrowable(() -> read(coding.token(), cut));
      assertThat(failure).as("cut at %s", length).isInstanceOf(RequestRefusedException.class);
      assertThat(((RequestRefusedException) failure).status()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.perfkit.compress.Bodies#encodings")
  void body_ofNoise_neverFailsInAnotherWay(Coding coding) {
    byte[] whole = encode(coding, Bodies.text(3_000));
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      byte[] noise = whole.clone();
      for (int flips = 0; flips <= i % 7; flips++) {
        noise[random.nextInt(noise.length)] = (byte) random.nextInt();
      }
      Throwable failure = catchThrowable(() -> read(coding.token(), noise));
      assertThat(failure == null || failure instanceof RequestRefusedException)
          .as("%s", failure)
          .isTrue();
    }
  }

  @Test
  void zstdFrame_ofALargeWindow_isRefusedBeforeItTakesMemory() {
    // Magic, a descriptor without content size, a window of 2^31 bytes, an empty last block.
    byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x00, (byte) 0xa8, 0x01, 0x00, 0x00};
    assertRefused(400, "request body is damaged", () -> read("zstd", frame));
  }

  @Test
  void deflate_askingForADictionary_isDamagedNotEmpty() {
    Deflater deflater = new Deflater();
    deflater.setDictionary(Bodies.text(500));
    deflater.setInput(Bodies.text(3_000));
    deflater.finish();
    byte[] encoded = new byte[3_000];
    int length = deflater.deflate(encoded);
    deflater.end();
    assertRefused(
        400, "request body is damaged", () -> read("deflate", Arrays.copyOf(encoded, length)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lzma", "gzip, lzma", "gzip;q=1", "\u0000", "g\u0131zip"})
  void coding_unknown_isRefusedWithWhatIsKnown(String contentEncoding) {
    RequestDecoder two = RequestDecoder.builder().maximumLayers(2).build();
    assertRefused(
        415,
        "Content-Encoding must be one of zstd, br, gzip, deflate but is another",
        () -> two.decode(List.of(contentEncoding), InputStream.nullInputStream()));
    assertThat(two.acceptEncoding()).isEqualTo("zstd, br, gzip, deflate");
  }

  @Test
  void layers_moreThanMayBe_areRefused() throws IOException {
    byte[] twice = encode(Coding.ZSTD, encode(Coding.GZIP, Bodies.text(9_000)));
    RequestDecoder two = RequestDecoder.builder().maximumLayers(2).build();
    assertThat(read(two, "gzip, zstd", twice)).isEqualTo(Bodies.text(9_000));
    assertRefused(
        415,
        "Content-Encoding must have at most 1 codings but has more",
        () -> read("gzip, zstd", twice));
    assertRefused(
        415,
        "Content-Encoding must have at most 2 codings but has more",
        () -> read(two, "gzip,".repeat(9_999), twice));
  }

  @Test
  void nestedBomb_isStoppedByItsRatio() {
    RequestDecoder two = RequestDecoder.builder().maximumLayers(2).build();
    byte[] bomb = encode(Coding.GZIP, encode(Coding.BROTLI, new byte[BOMB]));
    assertRefused(
        413,
        "request body must decode to at most 100 times its size but has more",
        () -> read(two, "br, gzip", bomb));
  }

  @Test
  void connection_failing_isItsOwnException() {
    IOException gone = new IOException("connection reset");
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw gone;
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            throw gone;
          }
        };
    for (String coding : List.of("gzip", "deflate", "br", "zstd")) {
      assertThatThrownBy(() -> decoder.decode(List.of(coding), failing).read()).isSameAs(gone);
    }
  }

  @Test
  void memory_takenByBodiesUnderWay_isBoundedAndGivenBack() throws IOException {
    RequestDecoder one = RequestDecoder.builder().maximumMemory(ByteSize.ofMebibytes(17)).build();
    byte[] body = encode(Coding.BROTLI, Bodies.text(9_000));
    InputStream first = one.decode(List.of("br"), new ByteArrayInputStream(body));
    assertThat(first.read()).isEqualTo('{');
    for (int i = 0; i < 3; i++) {
      assertRefused(
          503,
          "too many request bodies are being decoded: try again later",
          () -> read(one, "br", body));
    }
    first.close();
    first.close();
    assertThat(read(one, "br", body)).hasSize(9_000);
    assertThatThrownBy(first::read).isInstanceOf(IOException.class).hasMessage("stream closed");
  }

  @Test
  void limits_outOfRange_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestDecoder.builder().maximumRatio(0))
        .withMessage("maximumRatio must be at least 1 but was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestDecoder.builder().maximumLayers(5))
        .withMessage("maximumLayers must be between 1 and 4 but was 5");
  }

  private interface Call {
    Object run() throws IOException;
  }

  private static void assertRefused(int status, String message, Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            RequestRefusedException.class,
            refused -> assertThat(refused.status()).isEqualTo(status))
        .hasMessage(message);
  }

  private byte[] read(String contentEncoding, byte[] encoded) throws IOException {
    return read(decoder, contentEncoding, encoded);
  }

  private static byte[] read(RequestDecoder decoder, String contentEncoding, byte[] encoded)
      throws IOException {
    try (InputStream in =
        decoder.decode(List.of(contentEncoding), new ByteArrayInputStream(encoded))) {
      return in.readAllBytes();
    }
  }

  /** Encodes as a client would: by our own encoders, which other tests hold against other ones. */
  private static byte[] encode(Coding coding, byte[] body) {
    if (coding.equals(Coding.IDENTITY)) {
      return body;
    }
    Codec codec = Objects.requireNonNull(Codecs.of(coding).codec());
    try (Encoder encoder = codec.newEncoder(true)) {
      return Objects.requireNonNull(encoder.encode(body, 6, Integer.MAX_VALUE));
    }
  }

  /** Reads without keeping. */
  private static final class Counting {

    private long read;

    void readAll(RequestDecoder decoder, Coding coding, byte[] encoded) throws IOException {
      byte[] buffer = new byte[8192];
      try (InputStream in =
          decoder.decode(List.of(coding.token()), new ByteArrayInputStream(encoded))) {
        for (int length = 0; length >= 0; length = in.read(buffer)) {
          read += length;
        }
      }
    }
  }
}
