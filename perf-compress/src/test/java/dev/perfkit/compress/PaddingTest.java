package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.decoder.Decoder;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Proves that a padded body is the same body for every decoder, of a length that varies by 0 to 255
 * bytes from response to response, whole or as it comes.
 */
class PaddingTest {

  private static final byte[] BODY = Bodies.text(5_000);
  private static final int ENOUGH = 4_000;

  private final ResponseCompressor compressor =
      ResponseCompressor.named("web").route("/*", RoutePolicy.padded()).build();

  static List<Coding> codings() {
    return List.of(Coding.GZIP, Coding.ZSTD, Coding.BROTLI);
  }

  @AfterEach
  void close() {
    compressor.close();
  }

  @ParameterizedTest
  @MethodSource("codings")
  void wholeBody_padded_isReadByEveryDecoderAndHasAllLengths(Coding coding) throws IOException {
    Set<Integer> lengths = new TreeSet<>();
    for (int i = 0; i < ENOUGH; i++) {
      byte[] encoded = encode(coding);
      if (lengths.add(encoded.length)) {
        assertThat(Bodies.decode(coding, encoded)).isEqualTo(BODY);
        assertThat(byTheLibrary(coding, encoded)).isEqualTo(BODY);
      }
    }
    // Of 256 lengths none is missed in 4,000 draws, but for one case in thousands.
    assertThat(lengths.size()).isBetween(250, 256);
    assertThat(lengths.stream().mapToInt(n -> n).max().orElse(0) - lengths.iterator().next())
        .isLessThanOrEqualTo(Padding.MOST + 1);
  }

  @ParameterizedTest
  @MethodSource("codings")
  void body_ofAnySize_isReadByEveryDecoder(Coding coding) throws IOException {
    for (int size : new int[] {1, 2, 100, 65_535, 65_536, 65_537, 300_000}) {
      for (byte[] body : List.of(Bodies.text(size), Bodies.noise(size))) {
        byte[] encoded =
            compressor
                .compress(request(coding, ", identity;q=0"), ResponseHead.of(200, this::json), body)
                .bytes();
        assertThat(Arrays.equals(Bodies.decode(coding, encoded), body)).as("%s", size).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codings")
  void stream_padded_isReadByEveryDecoder(Coding coding) throws IOException {
    Set<Integer> lengths = new TreeSet<>();
    for (int i = 0; i < 300; i++) {
      byte[] encoded = stream(coding, i % 3);
      lengths.add(encoded.length);
      assertThat(Bodies.decode(coding, encoded)).isEqualTo(i % 3 == 0 ? new byte[0] : BODY);
    }
    assertThat(lengths.size()).as("lengths").isGreaterThan(100);
    assertThat(compressor.openContexts()).isLessThanOrEqualTo(1);
  }

  @Test
  void padding_withoutIt_isTheSameBytes() {
    try (ResponseCompressor plain = ResponseCompressor.named("plain").build()) {
      EncodedBody first = plain.compress(request(Coding.GZIP, ""), head(), BODY);
      EncodedBody second = plain.compress(request(Coding.GZIP, ""), head(), BODY);
      assertThat(first.bytes()).isEqualTo(second.bytes());
    }
  }

  private byte[] encode(Coding coding) {
    EncodedBody encoded = compressor.compress(request(coding, ""), head(), BODY);
    assertThat(encoded.decision().coding()).isEqualTo(coding);
    assertThat(encoded.decision().changes().set())
        .containsEntry("Content-Length", String.valueOf(encoded.bytes().length));
    return encoded.bytes();
  }

  /** Writes nothing, all at once, or in pieces that are flushed. */
  private byte[] stream(Coding coding, int way) throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    Decision decision = compressor.decide(request(coding, ""), head());
    try (OutputStream out = compressor.stream(decision).to(sent)) {
      for (int from = 0; way > 0 && from < BODY.length; from += 1_000) {
        out.write(BODY, from, 1_000);
        if (way == 2) {
          out.flush();
        }
      }
    }
    return sent.toByteArray();
  }

  private static byte[] byTheLibrary(Coding coding, byte[] encoded) throws IOException {
    if (coding.equals(Coding.BROTLI)) {
      return Decoder.decompress(encoded).getDecompressedData();
    }
    return coding.equals(Coding.ZSTD)
        ? Zstd.decompress(encoded, BODY.length)
        : Bodies.gunzip(encoded);
  }

  private static RequestHead request(Coding coding, String more) {
    return new RequestHead("GET", name -> List.of(coding.token() + more), "http://localhost/x");
  }

  private ResponseHead head() {
    return ResponseHead.of(200, this::json);
  }

  private List<String> json(String name) {
    return name.equals("Content-Type") ? List.of("application/json") : List.of();
  }
}
