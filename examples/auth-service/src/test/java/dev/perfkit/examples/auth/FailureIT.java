package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Servers die under load: who calls the service must hardly notice, who runs it must see it. */
class FailureIT extends RunningService {

  private final ObjectMapper json = new ObjectMapper();

  @Test
  void redisKilled_underLoad_noRequestFailsAndStatusShowsIt() throws Exception {
    assertThat(statusOf("caches", "auth")).isEqualTo("UP");
    CompletableFuture<Load.Result> load = load();
    awaitServed();
    backend.redis().kill();

    await()
        .atMost(BOUND)
        .untilAsserted(() -> assertThat(statusOf("caches", "auth")).isEqualTo("DEGRADED"));
    Load.Result result = load.get();
    assertThat(result.failed()).isZero();
    assertThat(result.served()).isEqualTo(result.offered());

    backend.redis().restart();
    await()
        .atMost(BOUND)
        .untilAsserted(
            () -> {
              requestSomething();
              assertThat(statusOf("caches", "auth")).isEqualTo("UP");
            });
  }

  @Test
  void standbyKilled_underLoad_failsAtMostItsConnectionsAndStatusShowsIt() throws Exception {
    assertThat(statusOf("pool", "main")).isEqualTo("UP");
    CompletableFuture<Load.Result> load = load();
    awaitServed();
    backend.standby().kill();

    await()
        .atMost(BOUND)
        .untilAsserted(() -> assertThat(statusOf("pool", "main")).isEqualTo("DEGRADED"));
    Load.Result result = load.get();
    assertThat(result.failed()).isLessThanOrEqualTo(Backend.CONNECTIONS);
    assertThat(result.served() + result.failed()).isEqualTo(result.offered());

    backend.standby().restart();
    await().atMost(BOUND).untilAsserted(() -> assertThat(statusOf("pool", "main")).isEqualTo("UP"));
  }

  private void awaitServed() {
    await().atMost(BOUND).until(() -> stack.lookups().all() > RATE);
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
}
