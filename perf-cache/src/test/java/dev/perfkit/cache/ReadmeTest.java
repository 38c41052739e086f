package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Proves that the example of the README does what it says; nothing answers at its address. */
class ReadmeTest {

  record User(String name) {}

  private static final class Repository {
    private final Map<String, User> rows = Map.of("42", new User("Ada"));

    User find(String id) {
      return rows.getOrDefault(id, new User("nobody"));
    }
  }

  @Test
  void example_withoutRedis_works() {
    Repository repository = new Repository();
    // region: example
    TieredCache<String, User> users =
        TieredCache.<String, User>named("users")
            .memory(Memory.entries(10_000))
            .remote(RedisTier.at("redis://localhost:1"), JsonSerializer.of(User.class))
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
