package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.spi.ByteSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Proves that a codec which is not built in goes the whole way: negotiation, tags, whole bodies and
 * streams whose flush is decodable, levels, failures, and bodies of requests within limits.
 */
class RegisteredCodecTest {

  private static final Coding SHRUNK = Coding.of("x-perf-test", 1, 9, 6);

  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /** The zlib format under another name, with a byte before it that says so. */
  private record Shrunk(Coding coding, @Nullable BodyDecoder decoder) implements ContentCodec {

    static final byte MAGIC = 'X';

    @Override
    public BodyEncoder newEncoder() {
      return BodyEncoder.over(
          (out, level) -> {
            out.write(MAGIC);
            return new DeflaterOutputStream(out, new java.util.zip.Deflater(level), 512, true);
          });
    }
  }

  /** Its decoder. */
  private static final class Growing implements BodyDecoder {

    @Override
    public ByteSize memory() {
      return ByteSize.ofKibibytes(64);
    }

    @Override
    public InputStream decode(InputStream encoded, ByteSize maximumSize) throws IOException {
      if (encoded.read() != Shrunk.MAGIC) {
        throw new IOException("not ours");
      }
      return new InflaterInputStream(encoded);
    }
  }

  RegisteredCodecTest() {
    request.put("Accept-Encoding", List.of("gzip;q=0.5, x-perf-test"));
    response.put("Content-Type", List.of("application/json"));
  }

  @Test
  void body_whole_isEncodedByIt() throws IOException {
    for (int size : new int[] {1_024, 65_536, 65_537, 1_000_000}) {
      byte[] body = Bodies.text(size);
      try (ResponseCompressor web = web().build()) {
        EncodedBody encoded = web.compress(request(), response(), body);
        assertThat(encoded.decision().coding()).isEqualTo(SHRUNK);
        assertThat(encoded.decision().changes().set())
            .containsEntry("Content-Encoding", "x-perf-test")
            .containsEntry("Content-Length", String.valueOf(encoded.bytes().length));
        assertThat(encoded.bytes().length).isLessThan(size);
        assertThat(Arrays.equals(decoded(encoded.bytes()), body)).isTrue();
      }
    }
  }

  @Test
  void body_ofNoise_isSentAsItIsOrEncodedWhereIdentityIsForbidden() throws IOException {
    byte[] noise = Bodies.noise(200_000);
    try (ResponseCompressor web = web().build()) {
      assertThat(web.compress(request(), response(), noise).decision().reason())
          .isEqualTo(Reason.NOT_SMALLER);
      request.put("Accept-Encoding", List.of("x-perf-test, identity;q=0"));
      EncodedBody encoded = web.compress(request(), response(), noise);
      assertThat(Arrays.equals(decoded(encoded.bytes()), noise)).isTrue();
    }
  }

  @Test
  void level_higher_isSmallerAndAKnob() {
    byte[] body = Bodies.text(50_000);
    try (ResponseCompressor web = web().level(SHRUNK, 1).build()) {
      int fast = web.compress(request(), response(), body).bytes().length;
      assertThat(web.knobs()).anyMatch(knob -> knob.name().equals("x-perf-test-level"));
      web.knobs().stream()
          .filter(knob -> knob.name().equals("x-perf-test-level"))
          .forEach(knob -> knob.set(9));
      assertThat(web.compress(request(), response(), body).bytes().length).isLessThan(fast);
    }
  }

  @Test
  void stream_flushed_isDecodableSoFar() throws IOException {
    try (ResponseCompressor web = web().build()) {
      EncodedStream stream = web.stream(web.decide(request(), response()));
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      ByteArrayOutputStream written = new ByteArrayOutputStream();
      try (OutputStream out = stream.to(sent)) {
        for (int i = 0; i < 20; i++) {
          byte[] piece = Bodies.text(1 + 997 * i);
          out.write(piece);
          written.write(piece);
          out.flush();
          InputStream in =
              new Growing().decode(new ByteArrayInputStream(sent.toByteArray()), max());
          assertThat(in.readNBytes(written.size())).isEqualTo(written.toByteArray());
        }
      }
      assertThat(decoded(sent.toByteArray())).isEqualTo(written.toByteArray());
    }
  }

  @Test
  void tag_ofItsVariant_isUnderstood() {
    response.put("ETag", List.of("\"v1\""));
    byte[] body = Bodies.text(5_000);
    try (ResponseCompressor web = web().entityTagPolicy(EntityTagPolicy.SUFFIX).build()) {
      EncodedBody first = web.compress(request(), response(), body);
      String tag = String.valueOf(first.decision().changes().set().get("ETag"));
      assertThat(tag).matches("\"v1--x-perf-test-6-[0-9a-f]{8}\"");
      assertThat(web.identityTags(List.of(tag))).containsExactly(tag, "\"v1\"");
      request.put("If-None-Match", List.of(tag));
      EncodedBody second = web.compress(request(), response(), body);
      assertThat(second.decision().status()).isEqualTo(304);
      assertThat(second.decision().changes().set()).containsEntry("ETag", tag);
      request.put("Accept-Encoding", List.of("gzip"));
      assertThat(web.compress(request(), response(), body).decision().status()).isEqualTo(200);
    }
  }

  @Test
  void encoder_thatFails_leavesTheBodyAsItIs() {
    ContentCodec broken =
        new ContentCodec() {
          @Override
          public Coding coding() {
            return SHRUNK;
          }

          @Override
          public BodyEncoder newEncoder() {
            return BodyEncoder.over(
                (out, level) -> {
                  throw new IOException("out of luck");
                });
          }
        };
    byte[] body = Bodies.text(5_000);
    try (ResponseCompressor web =
        ResponseCompressor.named("web").codec(broken).prefer(SHRUNK).build()) {
      EncodedBody sent = web.compress(request(), response(), body);
      assertThat(sent.decision().reason()).isEqualTo(Reason.FAILED);
      assertThat(sent.bytes()).isSameAs(body);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '!',
      value = {
        "x-perf-test | x-perf-test",
        "X-Perf-Test ; q=0.4, gzip;q=0.3 | x-perf-test",
        "gzip, x-perf-test;q=0.999 | gzip",
        "x-perf-test;q=0, gzip | gzip",
        "x-perf-test;q=2, gzip;q=0.1 | gzip",
        "x-perf-testing | identity",
        "x-perf | identity",
        "* | x-perf-test",
        "*, x-perf-test;q=0 | gzip",
        "identity, x-perf-test;q=0.5 | identity",
        "x-perf-test;q=0.1, x-perf-test;q=0.7, gzip;q=0.5 | x-perf-test",
      })
  void acceptEncoding_namingIt_isWeighed(String field, String chosen) {
    request.put("Accept-Encoding", List.of(field.split(",")));
    try (ResponseCompressor web = web().build()) {
      assertThat(web.decide(request(), response()).coding().token()).isEqualTo(chosen);
      assertThat(String.valueOf(web.negotiate(request.get("Accept-Encoding")))).isEqualTo(chosen);
    }
  }

  @Test
  void request_inItsCoding_isDecodedWithinLimits() throws IOException {
    RequestDecoder requests =
        RequestDecoder.builder()
            .codec(new Shrunk(SHRUNK, new Growing()))
            .maximumSize(ByteSize.ofBytes(10_000))
            .build();
    assertThat(requests.acceptEncoding()).isEqualTo("zstd, br, gzip, deflate, x-perf-test");
    byte[] body = Bodies.text(10_000);
    try (InputStream in = requests.decode(List.of("x-perf-test"), encoded(body))) {
      assertThat(in.readAllBytes()).isEqualTo(body);
    }
    assertThatThrownBy(
            () ->
                requests
                    .decode(List.of("x-perf-test"), encoded(Bodies.text(10_001)))
                    .readAllBytes())
        .isInstanceOfSatisfying(
            RequestRefusedException.class, refused -> assertThat(refused.status()).isEqualTo(413));
    assertThatThrownBy(
            () ->
                requests
                    .decode(List.of("x-perf-test"), new ByteArrayInputStream(body))
                    .readAllBytes())
        .isInstanceOfSatisfying(
            RequestRefusedException.class, refused -> assertThat(refused.status()).isEqualTo(400));
  }

  @Test
  void registration_wrong_isRefused() {
    Shrunk codec = new Shrunk(SHRUNK, null);
    ResponseCompressorBuilder builder = ResponseCompressor.named("web").codec(codec);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.codec(codec))
        .withMessage("codec must be one for each coding but was x-perf-test");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestDecoder.builder().codec(codec))
        .withMessage("codec must have a decoder but was x-perf-test");
    for (String token : new String[] {"gzip", "x-gzip", "identity", "", "*", "Upper", "a,b"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> Coding.of(token, 1, 2, 1));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Coding.of("x", 3, 2, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> Coding.of("x", 1, 2, 3));
  }

  @Test
  void coding_withoutACodec_isNotOffered() {
    try (ResponseCompressor web =
        ResponseCompressor.named("web").prefer(SHRUNK, Coding.GZIP).build()) {
      assertThat(web.offered()).containsExactly(Coding.GZIP);
      assertThat(web.health().reason())
          .isEqualTo("x-perf-test is not offered: no codec of it is registered: register one");
    }
  }

  private static ResponseCompressorBuilder web() {
    return ResponseCompressor.named("web")
        .codec(new Shrunk(SHRUNK, null))
        .prefer(SHRUNK, Coding.GZIP);
  }

  private RequestHead request() {
    return new RequestHead("GET", request::get);
  }

  private ResponseHead response() {
    return ResponseHead.of(200, response::get);
  }

  private static ByteSize max() {
    return ByteSize.ofMebibytes(10);
  }

  private static byte[] decoded(byte[] encoded) throws IOException {
    return new Growing().decode(new ByteArrayInputStream(encoded), max()).readAllBytes();
  }

  private static InputStream encoded(byte[] body) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    encoded.write(Shrunk.MAGIC);
    try (OutputStream out = new DeflaterOutputStream(encoded)) {
      out.write(body);
    }
    return new ByteArrayInputStream(encoded.toByteArray());
  }
}
