package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
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

  record Claims(String user, Instant expiresAt) {}

  /** Verifies tokens that say whose they are; the user's are valid for ten minutes. */
  private static final class Verifier {
    private final AtomicInteger verified = new AtomicInteger();

    Claims verify(String token) {
      verified.incrementAndGet();
      return new Claims(token, Instant.now().plus(Duration.ofMinutes(10)));
    }
  }

  private static final class Grants {
    private final Map<String, List<String>> rolesByUser = Map.of("ada", List.of("admin"));
    private volatile Set<String> ofAdmins = Set.of("read", "write");

    List<String> roles(String user) {
      return rolesByUser.getOrDefault(user, List.of());
    }

    Set<String> of(List<String> roles) {
      return roles.contains("admin") ? ofAdmins : Set.of();
    }
  }

  @Test
  void tokensAndPermissions_areCachedUntilRevoked() {
    Verifier verifier = new Verifier();
    Grants grants = new Grants();
    try (RedisFixture redis = RedisFixture.start();
        TieredCache<String, Claims> tokens = TieredCache.<String, Claims>named("tokens").build();
        TieredCache<String, Set<String>> permissions =
            TieredCache.<String, Set<String>>named("permissions")
                .remote(
                    RedisTier.at(redis.uri()),
                    JsonSerializer.of(new TypeReference<Set<String>>() {}))
                .build()) {
      for (int i = 0; i < 2; i++) {
        assertThat(claims(tokens, verifier, "ada").user()).isEqualTo("ada");
        assertThat(permissions(permissions, grants, "ada"))
            .containsExactlyInAnyOrder("read", "write");
      }
      assertThat(verifier.verified).hasValue(1);
      grants.ofAdmins = Set.of("read");
      revoke(tokens, permissions);
      claims(tokens, verifier, "ada");
      assertThat(verifier.verified).hasValue(2);
      assertThat(permissions(permissions, grants, "ada")).containsExactly("read");
    }
  }

  private static Claims claims(
      TieredCache<String, Claims> tokens, Verifier verifier, String token) {
    // region: tokens
    Claims claims =
        tokens.fetch(
            token,
            (t, older) -> {
              Claims verified = verifier.verify(t); // throws what it throws; that is not cached
              return Loaded.of(verified)
                  .tags("user:" + verified.user())
                  .notAfter(verified.expiresAt());
            });
    // endregion: tokens
    return Objects.requireNonNull(claims);
  }

  private static Set<String> permissions(
      TieredCache<String, Set<String>> permissions, Grants grants, String user) {
    // region: permissions
    Set<String> allowed =
        permissions.fetch(
            user,
            (id, older) -> {
              List<String> roles = grants.roles(id);
              return Loaded.of(grants.of(roles)).tags(roles.toArray(String[]::new));
            });
    // endregion: permissions
    return Objects.requireNonNull(allowed);
  }

  private static void revoke(
      TieredCache<String, Claims> tokens, TieredCache<String, Set<String>> permissions) {
    // region: revoke
    tokens.invalidateTag("user:ada"); // all tokens of a user, at once and on all nodes
    permissions.invalidateTag("admin"); // everybody's who has the role, after it changed
    // endregion: revoke
  }

  private record Change(String token) {}

  private static final class Replicas {
    User find(String id, List<String> freshness) {
      return new User(id + " of one that has " + freshness);
    }
  }

  @Test
  void freshness_ofARemoval_reachesTheLoader() {
    try (TieredCache<String, User> users = TieredCache.<String, User>named("users").build()) {
      freshness(users, new Replicas(), new Change("1.p"));
    }
  }

  private static void freshness(
      TieredCache<String, User> users, Replicas replicas, Change session) {
    // region: freshness
    users.remove("42", session.token()); // after the change of a user is committed

    FreshFetcher<String, User, RuntimeException> fetcher =
        (id, older, freshness) -> Loaded.of(replicas.find(id, freshness));
    User user = users.fetch("42", fetcher); // on any node, from a replica that has the change
    // endregion: freshness
    assertThat(user).isEqualTo(new User("42 of one that has [1.p]"));
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
