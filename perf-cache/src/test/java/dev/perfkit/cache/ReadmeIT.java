package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Proves that the example of the README does what it says. */
class ReadmeIT {

  record User(String name) {}

  private static final class Repository {
    private final Map<String, User> rows = Map.of("42", new User("Ada"));

    User find(String id) {
      return rows.getOrDefault(id, new User("nobody"));
    }
  }

  @Test
  void example_withRedis_works() {
    Repository repository = new Repository();
    try (RedisFixture redis = RedisFixture.start()) {
      example(repository, redis.uri());
    }
  }

  private static void example(Repository repository, String uri) {
    // region: example
    TieredCache<String, User> users =
        TieredCache.<String, User>named("users")
            .memory(Memory.entries(10_000))
            .remote(RedisTier.at(uri), JsonSerializer.of(User.class))
            .timeToLive(Duration.ofMinutes(5))
            .serveStaleFor(Duration.ofHours(1))
            .build();

    User user = users.get("42", id -> repository.find(id)); // loads once, then hits
    users.remove("42"); // after the change of a user is committed
    // endregion: example
    assertThat(user).isEqualTo(new User("Ada"));
    assertThat(users.getIfPresent("42")).isNull();
    users.close();
  }
}
