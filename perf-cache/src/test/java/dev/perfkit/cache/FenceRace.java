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

/**
 * Writers change a versioned source and then remove or put, readers check that a read never returns
 * less than the newest version that was acknowledged before the read began.
 */
final class FenceRace {

  private static final int READERS = 3;

  private final TieredCache<String, Long> cache;
  private final int rounds;
  private final AtomicLong source = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();

  FenceRace(TieredCache<String, Long> cache, int rounds) {
    this.cache = cache;
    this.rounds = rounds;
  }

  interface Write {
    void of(long version);
  }

  void run(Write write) throws Exception {
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
    for (long version = 1; version <= rounds; version++) {
      source.set(version);
      write.of(version);
      acknowledged.set(version);
      pause();
    }
  }

  private void read() {
    while (acknowledged.get() < rounds) {
      long least = acknowledged.get();
      Long got = cache.get("k", key -> load());
      assertThat(got).isGreaterThanOrEqualTo(least);
      disturb();
    }
  }

  /** Most reads would be hits otherwise. */
  private void disturb() {
    switch (ThreadLocalRandom.current().nextInt(8)) {
      case 0, 1 -> cache.remove("k");
      case 2 -> cache.put("another key, which evicts the first from a small memory", 0L);
      default -> {}
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
