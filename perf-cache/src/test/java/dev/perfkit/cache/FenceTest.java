package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Proves that no load brings back what a removal or a write that ended before has replaced: writers
 * change a versioned source and then remove or put, readers check that a read never returns less
 * than the newest version that was acknowledged before the read began.
 *
 * <p>An install that does not check its marker fails this within a few hundred rounds.
 */
class FenceTest {

  private static final int ROUNDS = 3000;
  private static final int READERS = 3;

  private final TieredCache<String, Long> cache = TieredCache.<String, Long>named("fence").build();
  private final AtomicLong source = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();

  @Test
  void get_removalsDuringLoads_neverReturnsARemovedVersion() throws Exception {
    race(version -> cache.remove("k"));
  }

  @Test
  void get_putsDuringLoads_neverReturnsAnOverwrittenVersion() throws Exception {
    race(version -> cache.put("k", version));
  }

  private interface Write {
    void of(long version);
  }

  private void race(Write write) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
    List<Future<?>> all = new ArrayList<>();
    all.add(threads.submit(() -> write(write)));
    for (int i = 0; i < READERS; i++) {
      all.add(threads.submit(this::read));
    }
    for (Future<?> each : all) {
      each.get(60, SECONDS);
    }
    threads.shutdownNow();
    assertThat(cache.stats().loads().voidedFills()).as("there were races").isPositive();
  }

  private void write(Write write) {
    for (long version = 1; version <= ROUNDS; version++) {
      source.set(version);
      write.of(version);
      acknowledged.set(version);
      pause();
    }
  }

  private void read() {
    while (acknowledged.get() < ROUNDS) {
      long least = acknowledged.get();
      Long got = cache.get("k", key -> load());
      assertThat(got).isGreaterThanOrEqualTo(least);
      if (ThreadLocalRandom.current().nextInt(4) == 0) {
        cache.remove("k"); // else most reads would be hits
      }
    }
  }

  private Long load() {
    long version = source.get();
    pause();
    return version;
  }

  private static void pause() {
    int micros = ThreadLocalRandom.current().nextInt(50);
    if (micros > 10) {
      LockSupport.parkNanos(micros * 1000L);
    }
  }
}
