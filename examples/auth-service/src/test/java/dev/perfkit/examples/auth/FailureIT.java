package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers die under load: who calls the service must hardly notice, who runs it must see it. */
class FailureIT {

  private static final int USERS = 2_000;
  private static final int RATE = 150;
  private static final Duration TIME = Duration.ofSeconds(10);

  private final ObjectMapper json = new ObjectMapper();
  private Backend backend;
  private Stack stack;
  private Api api;

  @BeforeEach
  void start() {
    backend = Backend.start(USERS);
    stack = new PerfkitStack(backend);
    api = Api.start(stack, backend.tokens(), ReferenceData.languages(), 0);
  }

  @AfterEach
  void stop() {
    api.close();
    stack.close();
    backend.close();
  }

  @Test
  void redisKilled_underLoad_noRequestFailsAndStatusShowsIt() throws Exception {
    assertThat(statusOf("cache", "users")).isEqualTo("UP");
    CompletableFuture<Load.Result> load = load();
    awaitServed();
    backend.redis().kill();

    await()
        .atMost(TIME)
        .untilAsserted(() -> assertThat(statusOf("cache", "users")).isEqualTo("DEGRADED"));
    Load.Result result = load.get();
    assertThat(result.failed()).isZero();
    assertThat(result.served()).isEqualTo(result.offered());

    backend.redis().restart();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              requestSomething();
              assertThat(statusOf("cache", "users")).isEqualTo("UP");
            });
  }

  @Test
  void standbyKilled_underLoad_failsAtMostItsConnectionsAndStatusShowsIt() throws Exception {
    assertThat(statusOf("pool", "main")).isEqualTo("UP");
    CompletableFuture<Load.Result> load = load();
    awaitServed();
    backend.standby().kill();

    await()
        .atMost(TIME)
        .untilAsserted(() -> assertThat(statusOf("pool", "main")).isEqualTo("DEGRADED"));
    Load.Result result = load.get();
    assertThat(result.failed()).isLessThanOrEqualTo(Backend.CONNECTIONS);
    assertThat(result.served() + result.failed()).isEqualTo(result.offered());

    backend.standby().restart();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(statusOf("pool", "main")).isEqualTo("UP"));
  }

  private CompletableFuture<Load.Result> load() {
    List<String> tokens =
        IntStream.rangeClosed(1, USERS).mapToObj(backend.tokens()::issue).toList();
    Workload workload = new Workload(base(), tokens, USERS, RATE);
    Progress silent =
        Progress.of(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), "");
    return CompletableFuture.supplyAsync(() -> Load.atRate(RATE, TIME, 32, workload, silent));
  }

  private void awaitServed() {
    await().atMost(TIME).until(() -> stack.lookups().all() > RATE);
  }

  private void requestSomething() throws IOException {
    get("/countries?lang=fr");
  }

  private String statusOf(String kind, String name) throws IOException {
    JsonNode status = json.readTree(get("/status"));
    for (JsonNode component : status.get("components")) {
      if (component.get("kind").textValue().equals(kind)
          && component.get("name").textValue().equals(name)) {
        return component.get("status").textValue();
      }
    }
    throw new AssertionError("no " + kind + " '" + name + "' in " + status);
  }

  private byte[] get(String path) throws IOException {
    try (InputStream in = base().resolve(path).toURL().openStream()) {
      return in.readAllBytes();
    }
  }

  private URI base() {
    return URI.create("http://" + Api.HOST + ":" + api.port());
  }
}
