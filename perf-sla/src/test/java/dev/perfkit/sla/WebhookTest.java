package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Proves against a real HTTP server what arrives, how failures are tried again, and that a server
 * that hangs holds nobody up.
 */
final class WebhookTest {

  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final byte[] SECRET = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private record Delivery(String id, String timestamp, String signature, String body) {}

  private final List<Delivery> arrived = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicLong told = new AtomicLong();
  private IntUnaryOperator status = attempt -> 204;
  private volatile boolean hangs;
  private volatile boolean hangsInBody;
  private HttpServer server;

  WebhookTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() {
    server.createContext("/hook", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    released.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void accept_event_arrivesSignedAsJson() throws Exception {
    try (Webhook webhook = webhook().secret(SECRET).build()) {
      webhook.accept(event(1).with("alert", "api/\"x\""));
      await().atMost(BOUND).until(() -> webhook.delivered() == 1);
    }
    Delivery delivery = arrived.get(0);
    JsonNode body = new ObjectMapper().readTree(delivery.body());
    assertThat(body.get("source").asText()).isEqualTo("sla/app");
    assertThat(body.get("type").asText()).isEqualTo("alert-firing");
    assertThat(body.get("severity").asText()).isEqualTo("CRITICAL");
    assertThat(body.get("epochMillis").asLong()).isEqualTo(1);
    assertThat(body.get("message").asText()).isEqualTo("message 1");
    assertThat(body.get("details").get("alert").asText()).isEqualTo("api/\"x\"");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
    mac.update((delivery.timestamp() + ".").getBytes(StandardCharsets.US_ASCII));
    assertThat(delivery.signature())
        .isEqualTo(
            "v1="
                + HexFormat.of()
                    .formatHex(mac.doFinal(delivery.body().getBytes(StandardCharsets.UTF_8))));
    assertThat(Math.abs(Long.parseLong(delivery.timestamp()) - System.currentTimeMillis() / 1_000))
        .isLessThan(60);
  }

  @Test
  void events_ofAMonitor_arrive() {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
    byte[] secret = SECRET;
    // region: webhook
    Webhook webhook = Webhook.to(address).secret(secret).build();
    SlaMonitor sla = SlaMonitor.named("app").events(webhook).maximumServices(1).build();
    // endregion: webhook
    sla.service("a");
    sla.service("b");
    await().atMost(BOUND).until(() -> webhook.delivered() == 1);
    assertThat(arrived.get(0).body()).contains("services-overflowed");
    sla.close();
    webhook.close();
  }

  @Test
  void accept_serverFailsTwice_isTriedAgainWithTheSameId() {
    status = attempt -> attempt <= 2 ? 503 : 200;
    try (Webhook webhook = webhook().build()) {
      webhook.accept(event(1));
      await().atMost(BOUND).until(() -> webhook.delivered() == 1);
      assertThat(arrived).hasSize(3);
      assertThat(arrived).extracting(Delivery::id).containsOnly(arrived.get(0).id());
      webhook.accept(event(2));
      await().atMost(BOUND).until(() -> webhook.delivered() == 2);
      assertThat(arrived.get(3).id()).isNotEqualTo(arrived.get(0).id());
      assertThat(arrived.get(3).signature()).isNull();
      assertThat(webhook.dropped()).isZero();
    }
  }

  @Test
  void accept_serverAlwaysFails_isGivenUpAfterItsAttempts() {
    status = attempt -> 500;
    try (Webhook webhook = webhook().attempts(3).build()) {
      webhook.accept(event(1));
      await().atMost(BOUND).until(() -> webhook.dropped() == 1);
      assertThat(arrived).hasSize(3);
      await().atMost(BOUND).untilAsserted(() -> assertThat(told).hasValue(1));
    }
  }

  @Test
  void accept_serverRefusesTheEvent_isGivenUpAtOnce() {
    status = attempt -> attempt == 1 ? 400 : 200;
    try (Webhook webhook = webhook().build()) {
      webhook.accept(event(1));
      webhook.accept(event(2));
      await().atMost(BOUND).until(() -> webhook.delivered() == 1);
      assertThat(webhook.dropped()).isEqualTo(1);
      assertThat(arrived).hasSize(2);
    }
  }

  @Test
  void accept_nobodyListens_isDroppedAndLaterOnesArrive() {
    int port = server.getAddress().getPort();
    server.stop(0);
    URI nobody = URI.create("http://127.0.0.1:" + port + "/hook");
    try (Webhook webhook =
        Webhook.to(nobody)
            .backoff(Duration.ofMillis(1))
            .attempts(2)
            .onDrop(told::addAndGet)
            .build()) {
      webhook.accept(event(1));
      await().atMost(BOUND).until(() -> webhook.dropped() == 1);
      await().atMost(BOUND).untilAsserted(() -> assertThat(told).hasValue(1));
    }
  }

  @Test
  void accept_serverHangs_neverBlocksAndDropsTheNewest() {
    hangs = true;
    long started = System.nanoTime();
    Webhook webhook = webhook().timeout(Duration.ofMinutes(1)).capacity(10).build();
    webhook.accept(event(0));
    await().atMost(BOUND).until(() -> !arrived.isEmpty());
    for (int i = 1; i <= 1_000; i++) {
      webhook.accept(event(i));
    }
    assertThat(webhook.dropped()).isEqualTo(990);
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(20));
    webhook.close();
    assertThat(webhook.dropped()).isEqualTo(1_001);
    assertThat(told).hasValue(1_001);
    webhook.accept(event(2_000));
    assertThat(webhook.dropped()).isEqualTo(1_002);
  }

  @Test
  void accept_serverIsSlowerThanTheTimeout_isTriedAgain() {
    hangs = true;
    try (Webhook webhook = webhook().timeout(Duration.ofMillis(500)).attempts(20).build()) {
      webhook.accept(event(1));
      await().atMost(BOUND).until(() -> arrived.size() >= 2);
      hangs = false;
      released.countDown();
      await().atMost(BOUND).until(() -> webhook.delivered() == 1);
    }
  }

  @Test
  void accept_serverHangsInItsBody_wasAnswered() {
    hangsInBody = true;
    try (Webhook webhook = webhook().timeout(Duration.ofSeconds(30)).build()) {
      webhook.accept(event(1));
      webhook.accept(event(2));
      await().atMost(BOUND).until(() -> webhook.delivered() == 2);
      assertThat(arrived).as("none is tried again").hasSize(2);
    }
  }

  @Test
  void monitor_whileTheServerHangs_goesOnAndCloses() {
    hangs = true;
    FakeTimeSource time = FakeTimeSource.create();
    Webhook webhook = webhook().timeout(Duration.ofMinutes(1)).capacity(5).build();
    double[] load = {0};
    SlaMonitor monitor =
        SlaMonitor.named("app")
            .timeSource(time)
            .scheduler(FakeScheduler.on(time))
            .events(webhook)
            .alertRules(
                List.of(
                    AlertRule.above("busy", Signal.of("load", () -> load[0]), 3)
                        .lasting(Duration.ZERO)))
            .build();
    long started = System.nanoTime();
    Service api = monitor.service("api");
    for (int i = 0; i < 100; i++) {
      load[0] = i % 2 == 0 ? 5 : 0;
      api.record(Duration.ofMillis(1), Outcome.success());
      time.advance(Duration.ofSeconds(5));
    }
    assertThat(api.window(Window.FIFTEEN_MINUTES).count()).isEqualTo(100);
    assertThat(monitor.health().status()).isEqualTo(Health.Status.UP);
    assertThat(webhook.dropped()).as("100 changes, room for 5").isGreaterThan(90);
    monitor.close();
    webhook.close();
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void pause_afterEachAttempt_isTwiceAsLongUpToAMinute() {
    Duration backoff = Duration.ofMillis(500);
    assertThat(IntStream.rangeClosed(1, 5).mapToLong(i -> WebhookDelivery.longestPause(backoff, i)))
        .containsExactly(500L, 1_000L, 2_000L, 4_000L, 8_000L);
    assertThat(WebhookDelivery.longestPause(backoff, 8)).isEqualTo(60_000);
    assertThat(WebhookDelivery.longestPause(Duration.ofMinutes(1), 20)).isEqualTo(60_000);
  }

  @Test
  void close_eventsWaiting_areStillDelivered() {
    Webhook webhook = webhook().build();
    for (int i = 0; i < 20; i++) {
      webhook.accept(event(i));
    }
    webhook.close();
    assertThat(webhook.delivered() + webhook.dropped()).isEqualTo(20);
    assertThat(webhook.delivered()).isPositive();
  }

  @Test
  void options_outsideOfTheirRange_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Webhook.to(URI.create("ftp://host/x")))
        .withMessageContaining("address must be http or https");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Webhook.to(URI.create("http://user:word@host/")))
        .withMessageContaining("without a user")
        .withMessageNotContaining("word");
    assertThatIllegalArgumentException().isThrownBy(() -> webhook().secret(new byte[15]));
    assertThatIllegalArgumentException().isThrownBy(() -> webhook().capacity(0));
    assertThatIllegalArgumentException().isThrownBy(() -> webhook().attempts(21));
    assertThatIllegalArgumentException().isThrownBy(() -> webhook().timeout(Duration.ZERO));
    assertThatIllegalArgumentException().isThrownBy(() -> webhook().backoff(Duration.ZERO));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    arrived.add(
        new Delivery(
            exchange.getRequestHeaders().getFirst("Perfkit-Id"),
            exchange.getRequestHeaders().getFirst("Perfkit-Timestamp"),
            exchange.getRequestHeaders().getFirst("Perfkit-Signature"),
            body));
    int attempt = arrived.size();
    if (hangsInBody) {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(1);
      exchange.getResponseBody().flush();
    }
    if (hangs || hangsInBody) {
      try {
        released.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }
    if (!hangsInBody) {
      exchange.sendResponseHeaders(status.applyAsInt(attempt), -1);
    }
    exchange.close();
  }

  private Webhook.Builder webhook() {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
    return Webhook.to(address).backoff(Duration.ofMillis(2)).onDrop(told::addAndGet);
  }

  private static Event event(long number) {
    return Event.of(
        "sla/app", "alert-firing", Event.Severity.CRITICAL, number, "message " + number);
  }
}
