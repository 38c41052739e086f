package dev.perfkit.examples.quickstart;

import dev.perfkit.cache.JsonSerializer;
import dev.perfkit.cache.RedisTier;
import dev.perfkit.cache.TieredCache;
import dev.perfkit.cache.TieredCacheBuilder;
import java.time.Duration;

/** Reads a user twice: the first read is slow, the second is not. */
public final class Quickstart {

  record User(String id, String name) {}

  private Quickstart() {}

  /**
   * Runs it.
   *
   * @param args the address of a Redis, such as {@code redis://localhost:6379}, or nothing
   * @throws InterruptedException if it is interrupted while it loads
   */
  public static void main(String[] args) throws InterruptedException {
    TieredCacheBuilder<String, User> builder =
        TieredCache.<String, User>named("users")
            .timeToLive(Duration.ofMinutes(5))
            .serveStaleFor(Duration.ofHours(1));
    if (args.length > 0) {
      builder.remote(RedisTier.at(args[0]), JsonSerializer.of(User.class));
    }
    try (TieredCache<String, User> users = builder.build()) {
      for (int i = 1; i <= 2; i++) {
        long start = System.nanoTime();
        User user = users.get("42", Quickstart::find);
        System.out.printf("read %d: %s in %,d us%n", i, user, (System.nanoTime() - start) / 1000);
      }
      System.out.println("hit rate " + users.stats().memory().hitRate() + ", " + users.health());
    }
  }

  /** Stands for a query that takes 45 ms. */
  private static User find(String id) throws InterruptedException {
    Thread.sleep(45);
    return new User(id, "Ada");
  }
}
