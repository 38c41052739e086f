package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.redis.RedisFixture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.RedisClient;

/**
 * Proves that a removal voids a load that began before it also if Redis lost its data between any
 * two steps of that read: the numbers of its invalidations then begin anew, and a small one of the
 * new history must not look older than a large one of the last.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HistoryRaceIT {

  private static final CallOptions IN_MEMORY = CallOptions.none().skipRemote();

  private final AtomicInteger steps = new AtomicInteger();
  private RedisFixture redis;
  private RedisClient client;
  private TieredCache<String, String> cache;
  private int lossAt;

  @BeforeAll
  void start() {
    redis = RedisFixture.start();
    client = RedisClient.create(redis.host(), redis.port());
    cache =
        TieredCache.<String, String>named("histories")
            .keys(this::step)
            .remote(RedisTier.at(redis.uri()), StringSerializer.create())
            .build();
  }

  @AfterEach
  void requireThatItHappened() {
    assertThat(steps.get()).as("steps").isGreaterThan(lossAt);
    lossAt = 0;
  }

  @AfterAll
  void stop() {
    cache.close();
    client.close();
    redis.close();
  }

  /** Every step of a read asks for the text of its key. */
  private String step(String key) {
    if (key.equals("a") && steps.incrementAndGet() == lossAt) {
      client.flushAll();
      cache.getIfPresent("another key, by which this node learns of the loss");
    }
    return key;
  }

  private void loseDataAt(int step) {
    for (int i = 0; i < 10; i++) {
      cache.remove("a");
    }
    steps.set(0);
    lossAt = step;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void get_removedDuringTheLoadAfterALoss_loadsAnew(int step) {
    loseDataAt(step);
    String first =
        cache.get(
            "a",
            key -> {
              cache.remove(key);
              return "old";
            },
            IN_MEMORY);
    assertThat(first).isEqualTo("old");
    assertThat(cache.get("a", key -> "new")).isEqualTo("new");
  }

  /**
   * Who waited for a load of the lost history must keep its own, or all who waited load in turn.
   */
  @Test
  void get_historyLostWhileItWaits_keepsWhatItLoads() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch loading = new CountDownLatch(1);
    Loader<String, String, InterruptedException> slow =
        key -> {
          loading.countDown();
          go.await();
          return "of the leader";
        };
    loseDataAt(0);
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      long joined = cache.stats().loads().joined();
      var leader = threads.submit(() -> cache.get("a", slow, IN_MEMORY));
      loading.await();
      var waiting = threads.submit(() -> cache.get("a", key -> "its own", IN_MEMORY));
      await().until(() -> cache.stats().loads().joined() > joined);
      client.flushAll();
      cache.getIfPresent("another key, by which this node learns of the loss");
      go.countDown();
      assertThat(leader.get(10, TimeUnit.SECONDS)).isEqualTo("of the leader");
      assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("its own");
      assertThat(cache.get("a", key -> "a third", IN_MEMORY)).isEqualTo("its own");
    } finally {
      go.countDown();
      threads.shutdownNow();
    }
  }
}
