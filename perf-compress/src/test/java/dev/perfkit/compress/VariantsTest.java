package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.testkit.RecordingTelemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Proves the variants that are kept: found by content and never by a tag unless the host said so,
 * made once however many ask, bounded in bytes, and replaced by smaller ones in the background.
 */
class VariantsTest {

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final List<Runnable> background = new ArrayList<>();
  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<AutoCloseable> made = new ArrayList<>();
  private String target = "http://example.org/items?page=1";

  VariantsTest() {
    request.put("Accept-Encoding", List.of("br"));
    response.put("Content-Type", List.of("application/json"));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : made) {
      each.close();
    }
  }

  @Test
  void body_askedForAgain_isNotEncodedAgain() {
    ResponseCompressor web = web(Variants.upTo(ByteSize.ofMebibytes(1)));
    byte[] body = Bodies.text(10_000);
    EncodedBody first = get(web, body);
    EncodedBody second = get(web, body.clone());
    assertThat(second.bytes()).isSameAs(first.bytes());
    assertThat(second.decision().changes()).isEqualTo(first.decision().changes());
    assertThat(Bodies.decode(Coding.BROTLI, second.bytes())).isEqualTo(body);
    assertThat(encodes()).isEqualTo(1);
    assertThat(variants("hits")).isEqualTo(1);
    assertThat(variants("misses")).isEqualTo(1);
  }

  @Test
  void body_differentInAnything_isEncodedAnew() {
    ResponseCompressor web = web(Variants.upTo(ByteSize.ofMebibytes(1)));
    get(web, Bodies.text(10_000));
    get(web, Bodies.text(10_001));
    request.put("Accept-Encoding", List.of("gzip"));
    EncodedBody gzip = get(web, Bodies.text(10_000));
    assertThat(Bodies.gunzip(gzip.bytes())).isEqualTo(Bodies.text(10_000));
    request.put("Accept-Encoding", List.of("br"));
    web.knobs().stream().filter(k -> k.name().equals("br-level")).forEach(k -> k.set(6));
    get(web, Bodies.text(10_000));
    assertThat(variants("misses")).isEqualTo(4);
    assertThat(variants("hits")).isZero();
  }

  @Test
  void body_thatDoesNotShrink_isRememberedAsSuch() {
    ResponseCompressor web = web(Variants.upTo(ByteSize.ofMebibytes(1)));
    byte[] noise = Bodies.noise(10_000);
    for (int i = 0; i < 3; i++) {
      EncodedBody sent = get(web, noise);
      assertThat(sent.decision().reason()).isEqualTo(Reason.NOT_SMALLER);
      assertThat(sent.bytes()).isSameAs(noise);
    }
    assertThat(encodes()).isEqualTo(1);
    request.put("Accept-Encoding", List.of("br, identity;q=0"));
    EncodedBody forced = get(web, noise);
    assertThat(Bodies.decode(Coding.BROTLI, forced.bytes())).isEqualTo(noise);
    request.put("Accept-Encoding", List.of("br"));
    assertThat(get(web, noise).bytes()).as("what is forced is not for others").isSameAs(noise);
  }

  @Test
  void body_withNoStore_isNotKept() {
    response.put("Cache-Control", List.of("max-age=0, no-store"));
    ResponseCompressor web = web(Variants.upTo(ByteSize.ofMebibytes(1)).byEntityTag());
    response.put("ETag", List.of("\"v1\""));
    get(web, Bodies.text(10_000));
    get(web, Bodies.text(10_000));
    assertThat(encodes()).isEqualTo(2);
    assertThat(variants("misses")).isZero();
    assertThat(bytes()).isZero();
  }

  @Test
  void memory_full_staysBounded() {
    ResponseCompressor web = web(Variants.upTo(ByteSize.ofKibibytes(128)));
    for (int i = 0; i < 400; i++) {
      get(web, Bodies.text(5_000 + i));
    }
    assertThat(bytes()).isGreaterThan(64 * 1024).isLessThanOrEqualTo(128 * 1024);
    assertThat(variants("misses")).isEqualTo(400);
    get(web, Bodies.text(16 * 1024 + 1));
    assertThat(variants("misses")).as("more than an eighth").isEqualTo(400);
  }

  @Test
  void body_wantedByManyAtOnce_isEncodedOnce() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    FailingCodec slow =
        new FailingCodec(
            () -> {
              begun.countDown();
              await(goOn);
            });
    ResponseCompressor web = withCodec(slow);
    int wanting = 8;
    ExecutorService threads = Executors.newFixedThreadPool(wanting);
    try {
      List<Future<EncodedBody>> sent = new ArrayList<>();
      byte[] body = Bodies.text(10_000);
      request.put("Accept-Encoding", List.of("gzip"));
      sent.add(threads.submit(() -> get(web, body)));
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      for (int i = 1; i < wanting; i++) {
        sent.add(threads.submit(() -> get(web, body.clone())));
      }
      goOn.countDown();
      byte[] first = sent.get(0).get(20, TimeUnit.SECONDS).bytes();
      for (Future<EncodedBody> each : sent) {
        assertThat(each.get(20, TimeUnit.SECONDS).bytes()).isSameAs(first);
      }
    } finally {
      goOn.countDown();
      threads.shutdownNow();
    }
    assertThat(encodes("gzip")).isEqualTo(1);
  }

  @Test
  void encoder_thatFails_isTriedAgainForTheNext() {
    FailingCodec codec = new FailingCodec(() -> {});
    ResponseCompressor web = withCodec(codec);
    request.put("Accept-Encoding", List.of("gzip"));
    codec.failure = new IllegalStateException("broken");
    assertThat(get(web, Bodies.text(5_000)).decision().reason()).isEqualTo(Reason.FAILED);
    codec.failure = null;
    assertThat(get(web, Bodies.text(5_000)).decision().reason()).isEqualTo(Reason.ENCODED);
    assertThat(bytes()).isGreaterThan(0);
  }

  @Test
  void variant_usedOften_isMadeSmallerInTheBackground() {
    response.put("ETag", List.of("\"v1\""));
    ResponseCompressor web = web(Variants.upTo(ByteSize.ofMebibytes(1)).recompressAfter(3));
    byte[] body = Bodies.text(20_000);
    EncodedBody fast = get(web, body);
    assertThat(tagOf(fast)).startsWith("\"v1--br-4-");
    get(web, body);
    get(web, body);
    assertThat(background).isEmpty();
    get(web, body);
    get(web, body);
    assertThat(background).as("submitted once").hasSize(1);
    assertThat(get(web, body).bytes()).isSameAs(fast.bytes());
    runBackground();
    EncodedBody small = get(web, body);
    assertThat(small.bytes().length).isLessThan(fast.bytes().length);
    assertThat(Bodies.decode(Coding.BROTLI, small.bytes())).isEqualTo(body);
    assertThat(tagOf(small)).startsWith("\"v1--br-11-");
    assertThat(small.decision().changes().set())
        .containsEntry("Content-Length", String.valueOf(small.bytes().length));
    for (int i = 0; i < 10; i++) {
      get(web, body);
    }
    assertThat(background).as("there is nothing better").isEmpty();
    assertThat(encodes()).isEqualTo(1);
    assertThat(variants("recompressed")).isEqualTo(1);
    for (EncodedBody held : List.of(fast, small)) {
      request.put("If-None-Match", List.of(tagOf(held)));
      EncodedBody answer = get(web, body);
      assertThat(answer.decision().status()).as(tagOf(held)).isEqualTo(304);
      assertThat(tagOf(answer)).isEqualTo(tagOf(held));
    }
  }

  @Test
  void variant_thatCannotBeSmaller_staysAndIsNotTriedAgain() {
    ResponseCompressor web =
        web(
            Variants.upTo(ByteSize.ofMebibytes(1))
                .recompressAfter(1)
                .backgroundLevel(Coding.GZIP, 7));
    request.put("Accept-Encoding", List.of("gzip"));
    byte[] body = new byte[2_000];
    byte[] first = get(web, body).bytes();
    get(web, body);
    runBackground();
    for (int i = 0; i < 5; i++) {
      assertThat(get(web, body).bytes()).isSameAs(first);
    }
    assertThat(background).isEmpty();
  }

  @Test
  void variant_never_isNotMadeAnew() {
    ResponseCompressor web =
        web(Variants.upTo(ByteSize.ofMebibytes(1)).recompressAfter(Variants.NEVER));
    for (int i = 0; i < 50; i++) {
      get(web, Bodies.text(5_000));
    }
    assertThat(background).isEmpty();
  }

  @Test
  void background_full_isAskedAgainLater() {
    ResponseCompressor web = web(Variants.upTo(ByteSize.ofMebibytes(4)).recompressAfter(1));
    for (int i = 0; i < 40; i++) {
      get(web, Bodies.text(2_000 + i));
      get(web, Bodies.text(2_000 + i));
    }
    assertThat(background).hasSize(32);
    runBackground();
    get(web, Bodies.text(2_039));
    assertThat(background).hasSize(1);
  }

  @Test
  void background_ofItsOwn_isADaemonThatEndsWithTheCompressor() {
    request.put("Accept-Encoding", List.of("gzip"));
    ResponseCompressor web =
        ResponseCompressor.named("own")
            .variants(Variants.upTo(ByteSize.ofMebibytes(1)).recompressAfter(1))
            .telemetry(telemetry)
            .build();
    try (web) {
      get(web, Bodies.text(5_000));
      get(web, Bodies.text(5_000));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> telemetry.count("compress.variants.recompressed", "compressor", "own") == 1);
      assertThat(threads("perf-compress-own-"))
          .singleElement()
          .satisfies(
              thread -> {
                assertThat(thread.isDaemon()).isTrue();
                assertThat(thread.getPriority()).isEqualTo(Thread.MIN_PRIORITY);
              });
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> threads("perf-compress-own-").isEmpty());
    assertThat(Bodies.gunzip(get(web, Bodies.text(5_000)).bytes())).isEqualTo(Bodies.text(5_000));
  }

  @Test
  void tag_trusted_savesTheHash() {
    ResponseCompressor web = web(Variants.upTo(ByteSize.ofMebibytes(1)).byEntityTag());
    response.put("ETag", List.of("\"v1\""));
    EncodedBody first = get(web, Bodies.text(5_000));
    // The host has said that the body is the same; that it is not shows that it was not looked at.
    EncodedBody second = get(web, Bodies.text(6_000));
    assertThat(second.bytes()).isSameAs(first.bytes());
    EncodedBody head = compress(web, "HEAD", new byte[0]);
    assertThat(head.decision().changes().set())
        .containsEntry("Content-Length", String.valueOf(first.bytes().length));
  }

  /** Two users' bodies that carry the same tag, and what tells them apart. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "not trusted           |               |               |                | ",
        "authorization         | Authorization | Bearer ada    |                | ",
        "authorization varied  | Authorization | Bearer ada    | Vary           | Authorization",
        "cookie                | Cookie        | session=ada   |                | ",
        "cookie varied         | Cookie        | session=ada   | Vary           | Cookie",
        "private               |               |               | Cache-Control  | private",
        "private fields        |               |               | Cache-Control  | max-age=1, private=a",
        "set-cookie            |               |               | Set-Cookie     | session=ada",
        "vary all              | X-User        | ada           | Vary           | *",
        "vary user             | X-User        | ada           | Vary           | X-User",
        "vary two              | X-User        | ada           | Vary           | Accept, X-User",
        "weak tag              |               |               | ETag           | W/\"v1\"",
        "other type            |               |               | Content-Type   | text/plain",
        "not found             |               |               | :status        | 404",
        "post                  |               |               | :method        | POST",
        "other target          |               |               | :target        | http://example.org/b",
        "other authority       |               |               | :target        | http://b.org/items?page=1",
        "other query           |               |               | :target        | http://example.org/items",
        "no target             |               |               | :target        | ''",
      })
  void tag_ofTwoUsers_neverGivesOneTheOthersBody(
      String what, String asked, String value, String answered, String with) {
    boolean trusted = !what.equals("not trusted");
    Variants options = Variants.upTo(ByteSize.ofMebibytes(1));
    ResponseCompressor web = web(trusted ? options.byEntityTag() : options);
    byte[] ada = Bodies.text(5_000);
    byte[] alan = Bodies.text(6_000);
    response.put("ETag", List.of("\"v1\""));
    Map<String, List<String>> plain = new TreeMap<>(response);
    boolean byRequest = asked != null;
    List<byte[]> sent = new ArrayList<>();
    for (byte[] body : List.of(ada, alan)) {
      boolean first = body == ada;
      response.clear();
      response.putAll(plain);
      String status = "200";
      String method = "GET";
      target = "http://example.org/items?page=1";
      if (byRequest) {
        request.put(asked, List.of(first ? value : value.replace("ada", "alan")));
      }
      // What differs only between the answers is with the second; what forbids is with both.
      boolean differs =
          what.startsWith("other") || (what.startsWith("not found") || what.equals("post"));
      if (answered != null && (!differs || !first)) {
        switch (answered) {
          case ":status" -> status = with;
          case ":method" -> method = with;
          case ":target" -> target = with;
          default -> response.put(answered, List.of(with));
        }
      }
      EncodedBody encoded =
          web.compress(
              new RequestHead(method, request::get, target),
              ResponseHead.of(Integer.parseInt(status), response::get),
              body);
      sent.add(Bodies.decode(Coding.BROTLI, encoded.bytes()));
    }
    assertThat(Arrays.equals(sent.get(0), ada)).isTrue();
    assertThat(Arrays.equals(sent.get(1), alan)).as(what).isTrue();
  }

  @Test
  void options_wrong_areRefused() {
    Variants options = Variants.upTo(ByteSize.ofMebibytes(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Variants.upTo(ByteSize.ofBytes(65_535)))
        .withMessageContaining("variants size must be at least 64 KiB");
    assertThatIllegalArgumentException().isThrownBy(() -> options.recompressAfter(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.backgroundLevel(Coding.BROTLI, 12))
        .withMessage("br level must be between 0 and 11 but was 12");
    assertThat(options).hasToString("Variants[up to " + ByteSize.ofMebibytes(1) + "]");
  }

  @Test
  void background_thatRefuses_isSaidOnceAndTheVariantServed() {
    AtomicInteger asked = new AtomicInteger();
    ResponseCompressor web =
        ResponseCompressor.named("web")
            .variants(Variants.upTo(ByteSize.ofMebibytes(1)).recompressAfter(1))
            .executor(
                task -> {
                  asked.incrementAndGet();
                  throw new IllegalStateException("shut down");
                })
            .build();
    made.add(web);
    AtomicBoolean same = new AtomicBoolean(true);
    byte[] first = get(web, Bodies.text(5_000)).bytes();
    for (int i = 0; i < 3; i++) {
      same.compareAndSet(true, get(web, Bodies.text(5_000)).bytes() == first);
    }
    assertThat(same).isTrue();
    assertThat(asked.get()).isPositive();
  }

  private ResponseCompressor web(Variants options) {
    ResponseCompressor web =
        ResponseCompressor.named("web")
            .variants(options)
            .entityTagPolicy(EntityTagPolicy.SUFFIX)
            .executor(background::add)
            .telemetry(telemetry)
            .build();
    made.add(web);
    return web;
  }

  private ResponseCompressor withCodec(Codec codec) {
    ResponseCompressor web =
        ResponseCompressor.named("web")
            .prefer(Coding.GZIP)
            .codecs(coding -> Codecs.Availability.of(codec))
            .variants(Variants.upTo(ByteSize.ofMebibytes(1)))
            .telemetry(telemetry)
            .build();
    made.add(web);
    return web;
  }

  private void runBackground() {
    List<Runnable> due = new ArrayList<>(background);
    background.clear();
    due.forEach(Runnable::run);
  }

  private EncodedBody get(ResponseCompressor web, byte[] body) {
    return compress(web, "GET", body);
  }

  private EncodedBody compress(ResponseCompressor web, String method, byte[] body) {
    return web.compress(
        new RequestHead(method, request::get, target), ResponseHead.of(200, response::get), body);
  }

  private static String tagOf(EncodedBody body) {
    return String.valueOf(body.decision().changes().set().get("ETag"));
  }

  private long variants(String name) {
    return telemetry.count("compress.variants." + name, "compressor", "web");
  }

  private double bytes() {
    return telemetry.value("compress.variants.bytes", "compressor", "web");
  }

  private long encodes() {
    return encodes("br");
  }

  private long encodes(String coding) {
    return telemetry.durations("compress.encode", "compressor", "web", "coding", coding).size();
  }

  private static List<Thread> threads(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(prefix))
        .toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
