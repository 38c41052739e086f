package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes a monitor and evaluates its rules: it counts what was recorded, and the
 * burn alert fires there too. {@code -Dperfkit.prometheus=/usr/bin/prometheus} names the server.
 */
@EnabledIfSystemProperty(named = "perfkit.prometheus", matches = ".+")
final class PrometheusServerTest {

  private static final Slo AVAILABLE = Slo.availability(0.999);
  private static final Slo FAST = Slo.latency(0.9, Duration.ofSeconds(1));

  private final SlaMonitor monitor = SlaMonitor.named("test").build();
  private final HttpServer scraped;
  private final HttpClient client = HttpClient.newHttpClient();
  private final int port = freePort();
  private Process prometheus;

  @TempDir Path folder;

  PrometheusServerTest() throws IOException {
    scraped = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    prometheus = new ProcessBuilder("true").start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    prometheus.destroy();
    assertThat(prometheus.waitFor(30, TimeUnit.SECONDS)).isTrue();
    scraped.stop(0);
    monitor.close();
  }

  @Test
  void server_thatScrapesAMonitor_agreesWithItAndAlerts() throws Exception {
    Service api = monitor.service("api", AVAILABLE, FAST);
    scraped.createContext("/metrics", this::answer);
    scraped.start();
    start();
    await().atMost(Duration.ofMinutes(1)).until(() -> value("up{job=\"sla\"}") == 1 && fails(api));
    await().atMost(Duration.ofMinutes(1)).until(() -> fails(api) && isFiring());
    String failed = "sum(sla_request_duration_seconds_count{service=\"api\",outcome=\"failure\"})";
    await().atMost(Duration.ofMinutes(1)).until(() -> value(failed) == errors(api));
    assertThat(errors(api)).isPositive();
    assertThat(value("slo:sli_error:ratio_rate5m{sloth_slo=\"availability-99.9\"}"))
        .isBetween(0.3, 0.7);
    assertThat(value("slo:sli_error:ratio_rate5m{sloth_slo=\"latency-90-1s\"}"))
        .as("whole seconds are found in any server")
        .isBetween(0.2, 0.9);
    assertThat(value("slo:error_budget:ratio{sloth_slo=\"availability-99.9\"}")).isEqualTo(0.001);
    String remaining = "slo:period_error_budget_remaining:ratio{sloth_slo=\"availability-99.9\"}";
    await().atMost(Duration.ofMinutes(1)).until(() -> value(remaining) < 0);
  }

  /** Half of the requests fail, and half of the others are slow. */
  private static boolean fails(Service api) {
    for (int i = 0; i < 40; i++) {
      api.record(Duration.ofMillis(i % 4 < 2 ? 10 : 1_500), Outcome.of(i % 2 == 0, 0));
    }
    return true;
  }

  /** What was recorded last may be counted with the next tick only. */
  private static long errors(Service api) {
    return api.window(Window.ONE_HOUR).errors();
  }

  private boolean isFiring() throws Exception {
    return value(
            "ALERTS{alertname=\"SlaErrorBudgetBurn\",alertstate=\"firing\",sloth_severity=\"page\"}")
        == 1;
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] text = monitor.prometheus().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
    exchange.sendResponseHeaders(200, text.length);
    exchange.getResponseBody().write(text);
    exchange.close();
  }

  private void start() throws IOException {
    Path rules = Files.writeString(folder.resolve("rules.yml"), monitor.prometheusRules());
    String config =
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ["%s"]
        scrape_configs:
        - job_name: sla
          static_configs:
          - targets: ["127.0.0.1:%d"]
        """
            .formatted(rules, scraped.getAddress().getPort());
    Path file = Files.writeString(folder.resolve("prometheus.yml"), config);
    prometheus =
        new ProcessBuilder(
                System.getProperty("perfkit.prometheus", "prometheus"),
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
  }

  /** Returns the value of the only series of a query; not a number if there is not one. */
  private double value(String query) throws Exception {
    URI address =
        URI.create(
            "http://127.0.0.1:"
                + port
                + "/api/v1/query?query="
                + URLEncoder.encode(query, StandardCharsets.UTF_8));
    try {
      String body =
          client
              .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      JsonNode result = new ObjectMapper().readTree(body).at("/data/result");
      return result.size() == 1 ? result.get(0).at("/value/1").asDouble() : Double.NaN;
    } catch (IOException notYet) {
      return Double.NaN;
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException none) {
      throw new IllegalStateException("no free port", none);
    }
  }
}
