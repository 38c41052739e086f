package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/** Proves that several caches share one connection to listen on, and stay apart otherwise. */
class TieredCachesIT {

  private final RedisFixture redis = RedisFixture.start();
  private final RedisClient client = RedisClient.create(redis.host(), redis.port());
  private final RedisTier tier =
      RedisTier.at(redis.uri())
          .commandTimeout(Duration.ofSeconds(5))
          .heartbeat(Duration.ofMinutes(1));
  private final TieredCaches here = TieredCaches.named("here", tier);
  private final TieredCaches there = TieredCaches.named("there", tier);

  @AfterEach
  void stop() {
    here.close();
    there.close();
    client.close();
    redis.close();
  }

  private static TieredCache<String, String> add(TieredCaches caches, String name) {
    return caches.add(TieredCache.named(name), StringSerializer.create());
  }

  private long listening() {
    Object list =
        client.executeCommand(
            new CommandArguments(Protocol.Command.CLIENT).add("LIST").add("TYPE").add("pubsub"));
    return new String((byte[]) list, java.nio.charset.StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .count();
  }

  private void awaitListeners(String cache, long count) {
    await().until(() -> client.publish("{" + cache + ":0}:m", "ignored") == count);
  }

  @Test
  void invalidations_ofEachCache_reachItsOtherNodeOverOneConnection() {
    for (String name : new String[] {"users", "roles", "tokens"}) {
      TieredCache<String, String> one = add(here, name);
      TieredCache<String, String> two = add(there, name);
      one.put("a", name);
      assertThat(two.getIfPresent("a")).isEqualTo(name);
      awaitListeners(name, 2);
      one.remove("a");
      await().until(() -> two.getIfPresent("a") == null);
    }
    assertThat(listening()).as("one of each group").isEqualTo(2);
    assertThat(here.health().status()).isEqualTo(Health.Status.UP);
    assertThat(here.knobs()).hasSize(6);
  }

  @Test
  void cache_closedAlone_leavesTheOthersConnected() {
    TieredCache<String, String> one = add(here, "users");
    TieredCache<String, String> two = add(here, "roles");
    one.put("a", "v");
    two.put("a", "v");
    awaitListeners("users", 1);
    awaitListeners("roles", 1);
    one.close();
    awaitListeners("users", 0);
    awaitListeners("roles", 1);
    two.put("b", "w");
    assertThat(two.getIfPresent("b")).isEqualTo("w");
  }

  @Test
  void add_aNameTwice_isRefusedAndTheFirstGoesOn() {
    TieredCache<String, String> users = add(here, "users");
    assertThatThrownBy(() -> add(here, "users")).isInstanceOf(IllegalArgumentException.class);
    users.put("a", "v");
    assertThat(users.getIfPresent("a")).isEqualTo("v");
  }

  @Test
  void close_closesAllAndDisconnects() {
    TieredCache<String, String> users = add(here, "users");
    users.put("a", "v");
    here.close();
    here.close();
    assertThat(users.health().status()).isEqualTo(Health.Status.DOWN);
    assertThat(here.health().status()).isEqualTo(Health.Status.DOWN);
    await().until(() -> listening() == 0);
    assertThatThrownBy(() -> add(here, "late")).isInstanceOf(IllegalStateException.class);
    assertThat(here.kind()).isEqualTo("caches");
    assertThat(here.name()).isEqualTo("here");
  }
}
