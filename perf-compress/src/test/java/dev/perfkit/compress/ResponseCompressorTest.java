package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.github.luben.zstd.Zstd;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves the whole path from two heads and a body to what is sent: fallback to identity, lengths,
 * HEAD, 406, every option, measurements, health, and that failures neither reach the caller nor
 * leak a context.
 */
class ResponseCompressorTest {

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final RecordingEvents events = RecordingEvents.create();
  private final FakeTimeSource time = FakeTimeSource.create();
  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<ResponseCompressor> made = new ArrayList<>();

  ResponseCompressorTest() {
    request.put("Accept-Encoding", List.of("gzip, zstd"));
    response.put("Content-Type", List.of("application/json"));
  }

  @AfterEach
  void close() {
    made.forEach(ResponseCompressor::close);
  }

  @Test
  void compress_largeBody_isEncodedWithItsExactLength() {
    byte[] body = Bodies.text(10_000);
    EncodedBody encoded = compress(web().build(), "GET", body);
    assertThat(encoded.decision().coding()).isEqualTo(Coding.ZSTD);
    assertThat(Zstd.decompress(encoded.bytes(), 20_000)).isEqualTo(body);
    assertThat(encoded.decision().changes().set())
        .containsEntry("Content-Encoding", "zstd")
        .containsEntry("Content-Length", String.valueOf(encoded.bytes().length))
        .containsEntry("Vary", "Accept-Encoding");
    assertThat(encoded)
        .hasToString(
            "EncodedBody[Decision[zstd, encoded, 200], " + encoded.bytes().length + " bytes]");
  }

  @Test
  void compress_bodyThatDoesNotShrink_staysIdentityButVaries() {
    byte[] body = Bodies.noise(10_000);
    response.put("Content-Length", List.of("10000"));
    EncodedBody encoded = compress(web().build(), "GET", body);
    assertThat(encoded.bytes()).isSameAs(body);
    assertThat(encoded.decision().reason()).isEqualTo(Reason.NOT_SMALLER);
    assertThat(encoded.decision().changes().set()).isEqualTo(Map.of("Vary", "Accept-Encoding"));
    assertThat(encoded.decision().changes().removed()).as("Content-Length is restored").isEmpty();
  }

  @Test
  void compress_identityForbidden_encodesSmallAndNoisyBodies() {
    request.put("Accept-Encoding", List.of("gzip, identity;q=0"));
    for (byte[] body : List.of(Bodies.text(5), Bodies.noise(5_000))) {
      EncodedBody encoded = compress(web().build(), "GET", body);
      assertThat(encoded.decision().coding()).isEqualTo(Coding.GZIP);
      assertThat(encoded.bytes().length).isGreaterThan(body.length);
      assertThat(Bodies.gunzip(encoded.bytes())).isEqualTo(body);
    }
  }

  @Test
  void compress_headOfKnownBody_hasTheLengthOfGet() {
    byte[] body = Bodies.text(10_000);
    EncodedBody get = compress(web().build(), "GET", body);
    EncodedBody head = compress(web().build(), "HEAD", body);
    assertThat(head.decision().changes()).isEqualTo(get.decision().changes());
  }

  @Test
  void compress_headWithoutBody_hasNoLengthAtAll() {
    response.put("Content-Length", List.of("10000"));
    EncodedBody head = compress(web().build(), "HEAD", new byte[0]);
    assertThat(head.decision().coding()).isEqualTo(Coding.ZSTD);
    assertThat(head.bytes()).isEmpty();
    assertThat(head.decision().changes().removed()).contains("Content-Length");
    assertThat(head.decision().changes().set()).doesNotContainKey("Content-Length");
  }

  @Test
  void compress_headOfASmallBody_keepsIdentity() {
    response.put("Content-Length", List.of("100"));
    EncodedBody head = compress(web().build(), "HEAD", new byte[0]);
    assertThat(head.decision().reason()).isEqualTo(Reason.TOO_SMALL);
    assertThat(head.decision().changes().removed()).isEmpty();
  }

  @Test
  void compress_declaredLengthOfAnotherBody_fails() {
    response.put("Content-Length", List.of("9999"));
    ResponseCompressor web = web().build();
    assertThatThrownBy(() -> compress(web, "GET", Bodies.text(10_000)))
        .isInstanceOf(CompressException.class)
        .hasMessage(
            "compressor 'web': Content-Length must be the body's length of 10000 bytes but the"
                + " application declared 9999: correct it or leave it out");
    request.remove("Accept-Encoding");
    assertThatThrownBy(() -> compress(web, "GET", Bodies.text(10_000)))
        .as("identity")
        .isInstanceOf(CompressException.class);
    response.put("Content-Length", List.of("10000"));
    assertThat(compress(web, "GET", Bodies.text(10_000)).bytes()).hasSize(10_000);
  }

  @Test
  void compress_nothingAcceptable_isIdentityOr406() {
    request.put("Accept-Encoding", List.of("*;q=0"));
    byte[] body = Bodies.text(10_000);
    EncodedBody identity = compress(web().build(), "GET", body);
    assertThat(identity.decision().status()).isEqualTo(200);
    assertThat(identity.bytes()).isSameAs(body);
    EncodedBody refused =
        compress(web().unacceptable(Unacceptable.STATUS_406).build(), "GET", body);
    assertThat(refused.decision().status()).isEqualTo(406);
    assertThat(refused.bytes()).isEmpty();
    assertThat(refused.decision().changes().set())
        .isEqualTo(Map.of("Vary", "Accept-Encoding", "Content-Length", "0"));
    assertThat(refused.decision().changes().removed()).containsExactly("Content-Type");
  }

  @Test
  void decide_unknownLength_isSettledByEncode() {
    ResponseCompressor web = web().build();
    Decision decision =
        web.decide(new RequestHead("GET", request::get), ResponseHead.of(200, response::get));
    assertThat(decision.encodes()).isTrue();
    assertThat(web.encode(decision, Bodies.text(1_023)).decision().reason())
        .isEqualTo(Reason.TOO_SMALL);
    assertThat(web.encode(decision, Bodies.text(1_024)).decision().reason())
        .isEqualTo(Reason.ENCODED);
    assertThat(web.decline(decision).reason()).isEqualTo(Reason.NOT_WHOLE);
    assertThat(web.decline(decision).changes().set()).isEqualTo(Map.of("Vary", "Accept-Encoding"));
  }

  @Test
  void encode_decisionOfAnotherCompressor_isRefused() {
    Decision decision =
        web()
            .build()
            .decide(new RequestHead("GET", request::get), ResponseHead.of(200, response::get));
    ResponseCompressor other = web().prefer(Coding.GZIP).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.encode(decision, Bodies.text(5_000)))
        .withMessageContaining("'web'")
        .withMessageContaining("zstd");
  }

  @Test
  void negotiate_fieldLines_givesTheCodingOrNull() {
    ResponseCompressor web = web().build();
    assertThat(web.negotiate(List.of("gzip;q=0.5", "zstd;q=0.4"))).isEqualTo(Coding.GZIP);
    assertThat(web.negotiate(null)).isEqualTo(Coding.IDENTITY);
    assertThat(web.negotiate(List.of("*;q=0"))).isNull();
    assertThat(web.offered()).containsExactly(Coding.ZSTD, Coding.BROTLI, Coding.GZIP);
  }

  @Test
  void prefer_otherOrder_settlesTies() {
    ResponseCompressor web = web().prefer(Coding.GZIP, Coding.ZSTD).build();
    assertThat(compress(web, "GET", Bodies.text(5_000)).decision().coding()).isEqualTo(Coding.GZIP);
  }

  @Test
  void prefer_wrongCodings_isRefused() {
    for (Coding[] wrong :
        new Coding[][] {{}, {Coding.IDENTITY}, {Coding.GZIP, Coding.ZSTD, Coding.GZIP}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> web().prefer(wrong))
          .withMessageStartingWith(
              "prefer must be one or more different codings without identity or a dictionary but"
                  + " was");
    }
  }

  @Test
  void minimumSize_given_countsInstead() {
    ResponseCompressor web = web().minimumSize(ByteSize.ofBytes(300)).build();
    assertThat(compress(web, "GET", Bodies.text(299)).decision().reason())
        .isEqualTo(Reason.TOO_SMALL);
    assertThat(compress(web, "GET", Bodies.text(300)).decision().reason())
        .isEqualTo(Reason.ENCODED);
  }

  @Test
  void levels_higher_areSmaller() {
    byte[] body = Bodies.text(100_000);
    request.put("Accept-Encoding", List.of("gzip, zstd, br, deflate"));
    for (Coding coding : List.of(Coding.GZIP, Coding.ZSTD, Coding.BROTLI, Coding.DEFLATE)) {
      ResponseCompressor fast = web().prefer(coding).level(coding, 1).build();
      ResponseCompressor small = web().prefer(coding).level(coding, coding.maxLevel()).build();
      assertThat(compress(small, "GET", body).bytes().length)
          .isLessThan(compress(fast, "GET", body).bytes().length);
    }
  }

  @Test
  void levels_outOfRange_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> web().level(Coding.GZIP, 0))
        .withMessage("gzip level must be between 1 and 9 but was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> web().level(Coding.ZSTD, 20))
        .withMessage("zstd level must be between 1 and 19 but was 20");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> web().level(Coding.IDENTITY, 1))
        .withMessage("level must be of a coding but identity but was identity");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> web().maximumStreams(-1))
        .withMessage("maximumStreams must be at least 0 but was -1");
  }

  @Test
  void additionalTypes_given_areEncoded() {
    response.put("Content-Type", List.of("application/x-ours; v=1"));
    byte[] body = Bodies.text(5_000);
    assertThat(compress(web().build(), "GET", body).decision().encodes()).isFalse();
    ResponseCompressor web = web().additionalTypes("Application/X-Ours").build();
    assertThat(compress(web, "GET", body).decision().encodes()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> web().additionalTypes("ours"))
        .withMessage("additionalTypes must be of the form type/subtype but was ours");
  }

  @Test
  void named_blank_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> ResponseCompressor.named(" "));
    assertThat(ResponseCompressor.create().name()).isEqualTo(ResponseCompressor.DEFAULT_NAME);
  }

  @Test
  void telemetry_always_countsEachResponseOnce() {
    ResponseCompressor web = web().build();
    byte[] body = Bodies.text(10_000);
    int sent = compress(web, "GET", body).bytes().length;
    compress(web, "GET", Bodies.noise(2_000));
    compress(web, "GET", Bodies.text(10));
    response.put("Content-Type", List.of("image/png"));
    compress(web, "GET", body);
    assertThat(decisions("zstd", "encoded")).isEqualTo(1);
    assertThat(decisions("identity", "not_smaller")).isEqualTo(1);
    assertThat(decisions("identity", "too_small")).isEqualTo(1);
    assertThat(decisions("identity", "content_type")).isEqualTo(1);
    assertThat(ofZstd("compress.bytes.in")).isEqualTo(12_000);
    assertThat(ofZstd("compress.bytes.out")).isEqualTo(sent + 2_000);
    assertThat(telemetry.durations("compress.encode", "compressor", "web", "coding", "zstd"))
        .hasSize(2);
  }

  @Test
  void telemetry_encodeTime_isThatOfTheTimeSource() {
    FailingCodec slow = new FailingCodec(() -> time.advance(Duration.ofMillis(7)));
    compress(withCodec(slow).build(), "GET", Bodies.text(5_000));
    assertThat(telemetry.durations("compress.encode", "compressor", "web", "coding", "gzip"))
        .containsExactly(Duration.ofMillis(7));
  }

  @Test
  void contextsGauge_whileOpenAndAfterClose_tellsTheNativeContexts() {
    ResponseCompressor web = web().build();
    assertThat(contexts()).isZero();
    assertThat(buffers()).isZero();
    compress(web, "GET", Bodies.text(5_000));
    compress(web, "GET", Bodies.text(5_000));
    assertThat(contexts()).isEqualTo(1);
    assertThat(buffers()).as("in and out").isGreaterThan(2 * Encoder.PIECE);
    web.close();
    assertThat(web.openContexts()).isZero();
    assertThat(telemetry.metrics())
        .extracting(Metric::name)
        .as("gauges after close")
        .contains("compress.bytes.in")
        .doesNotContain("compress.contexts", "compress.buffers");
  }

  @Test
  void encode_codecFails_goesOutAsIdentityUntilItWorksAgain() {
    FailingCodec codec = new FailingCodec(() -> {});
    ResponseCompressor web = withCodec(codec).build();
    byte[] body = Bodies.text(5_000);
    codec.failure = new IllegalStateException("out of luck");
    for (int i = 0; i < 50; i++) {
      EncodedBody sent = compress(web, "GET", body);
      assertThat(sent.bytes()).isSameAs(body);
      assertThat(sent.decision().reason()).isEqualTo(Reason.FAILED);
      assertThat(sent.decision().changes().set()).isEqualTo(Map.of("Vary", "Accept-Encoding"));
    }
    assertThat(web.openContexts()).as("contexts that failed are closed").isZero();
    assertThat(web.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(web.health().reason()).contains("gzip").contains("out of luck");
    assertThat(events.types()).containsExactly("coding-failed");
    codec.failure = null;
    assertThat(compress(web, "GET", body).decision().encodes()).isTrue();
    assertThat(web.health().status()).isEqualTo(Health.Status.UP);
  }

  @Test
  void telemetryAndEvents_thatFail_neverReachTheCaller() {
    ResponseCompressor web =
        web().telemetry(new BrokenTelemetry()).events(event -> failHost()).build();
    byte[] body = Bodies.text(5_000);
    assertThat(compress(web, "GET", body).decision().encodes()).isTrue();
    FailingCodec codec = new FailingCodec(() -> {});
    codec.failure = new IllegalStateException("out of luck");
    ResponseCompressor failing = withCodec(codec).events(event -> failHost()).build();
    assertThat(compress(failing, "GET", body).decision().reason()).isEqualTo(Reason.FAILED);
  }

  @Test
  void knobs_set_changeTheLevelAtOnce() {
    ResponseCompressor web = web().level(Coding.ZSTD, 1).build();
    byte[] body = Bodies.text(100_000);
    int before = compress(web, "GET", body).bytes().length;
    Knob knob = web.knobs().get(0);
    assertThat(web.knobs())
        .extracting(Knob::name)
        .containsExactly("zstd-level", "br-level", "gzip-level", "cpu-budget");
    assertThat(knob.value()).isEqualTo(1);
    assertThat(knob.step()).isCloseTo(1, within(0.0));
    knob.set(19);
    assertThat(compress(web, "GET", body).bytes().length).isLessThan(before);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> knob.set(2.5))
        .withMessage("zstd-level must be a whole number but was 2.5");
    assertThat(knob.value()).isEqualTo(19);
  }

  @Test
  void close_whileInUse_lateResponsesAreStillEncoded() {
    ResponseCompressor web = web().build();
    web.close();
    web.close();
    assertThat(compress(web, "GET", Bodies.text(5_000)).decision().encodes()).isTrue();
    assertThat(web.openContexts()).isZero();
    assertThat(web.health().status()).isEqualTo(Health.Status.DOWN);
    assertThat(web).hasToString("ResponseCompressor[web, [zstd, br, gzip]]");
  }

  @Test
  void encode_moreThreadsThanContexts_allEndAndContextsStayBounded() throws Exception {
    ResponseCompressor web = web().build();
    int threads = 4 * ContextPool.defaultMaximum();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      CountDownLatch start = new CountDownLatch(threads);
      List<Future<Integer>> results = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        byte[] body = Bodies.text(50_000 + i);
        results.add(
            pool.submit(
                () -> {
                  start.countDown();
                  start.await();
                  int most = 0;
                  for (int n = 0; n < 50; n++) {
                    byte[] encoded = compress(web, "GET", body).bytes();
                    most = Math.max(most, web.openContexts());
                    assertThat(Zstd.decompress(encoded, 60_000)).isEqualTo(body);
                  }
                  return most;
                }));
      }
      for (Future<Integer> result : results) {
        assertThat(result.get(60, TimeUnit.SECONDS))
            .isLessThanOrEqualTo(ContextPool.defaultMaximum());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private ResponseCompressorBuilder web() {
    return ResponseCompressor.named("web").telemetry(telemetry).events(events).timeSource(time);
  }

  private ResponseCompressorBuilder withCodec(Codec codec) {
    return web().prefer(Coding.GZIP).codecs(coding -> Codecs.Availability.of(codec));
  }

  private EncodedBody compress(ResponseCompressor compressor, String method, byte[] body) {
    synchronized (made) {
      made.add(compressor);
    }
    return compressor.compress(
        new RequestHead(method, request::get), ResponseHead.of(200, response::get), body);
  }

  private long decisions(String coding, String reason) {
    return telemetry.count(
        "compress.decisions", "compressor", "web", "coding", coding, "reason", reason);
  }

  private long ofZstd(String name) {
    return telemetry.count(name, "compressor", "web", "coding", "zstd");
  }

  private double buffers() {
    return telemetry.value("compress.buffers", "compressor", "web", "coding", "zstd");
  }

  private double contexts() {
    return telemetry.value("compress.contexts", "compressor", "web", "coding", "zstd");
  }

  private static void failHost() {
    throw new IllegalStateException("host is broken");
  }

  /** A host's telemetry of which everything fails. */
  private static final class BrokenTelemetry implements Telemetry {

    @Override
    public Counter counter(Metric metric) {
      return amount -> failHost();
    }

    @Override
    public Timer timer(Metric metric) {
      return nanos -> failHost();
    }

    @Override
    public Registration gauge(Metric metric, DoubleSupplier value) {
      throw new IllegalStateException("host is broken");
    }
  }
}
