package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.perfkit.crypto.NonceSource.NonceException;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Proves that no nonce is handed out twice, whatever threads, clocks and restores do, and that a
 * random source which is not random is noticed before its bytes are used.
 */
class NonceSourceTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final Randoms random = new Randoms(Randoms::fresh);
  private final NonceSource source = source(random);
  private final NonceBatch nonces = source.batch();

  @Test
  void next_manyBatches_neverRepeat() throws Exception {
    ScheduledExecutorService idle = scheduler;
    NonceSource shared =
        new NonceSource(
            NonceMode.BATCHED_DRBG, TimeSource.system(), () -> idle, RandomBytes::system);
    Set<ByteBuffer> seen = ConcurrentHashMap.newKeySet();
    int threads = 8;
    int each = 50_000;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        boolean reseeds = t == 0;
        tasks.add(
            () -> {
              NonceBatch own = shared.batch();
              for (int i = 0; i < each; i++) {
                seen.add(ByteBuffer.wrap(own.next()));
                if (reseeds && i % 5_000 == 0) {
                  shared.reseed();
                }
              }
              return null;
            });
      }
      for (Future<Void> task : pool.invokeAll(tasks)) {
        task.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(seen).hasSize(threads * each);
  }

  @Test
  void next_withinASecond_drawsMoreEachTimeUpTo256() throws NonceException {
    Set<ByteBuffer> seen = new HashSet<>();
    int[] drawnAfter = {16, 16 + 64, 16 + 64 + 256, 16 + 64 + 256 + 256};
    for (int draws = 0; draws < drawnAfter.length; draws++) {
      while (seen.size() < drawnAfter[draws]) {
        seen.add(ByteBuffer.wrap(nonces.next()));
        assertThat(random.fills).hasValue(draws + 1);
      }
    }
    assertThat(seen).hasSize(16 + 64 + 256 + 256);
  }

  @Test
  void next_afterASecond_drawsAnew() throws NonceException {
    nonces.next();
    time.advance(Duration.ofMillis(999));
    nonces.next();
    assertThat(random.fills).hasValue(1);
    time.advance(Duration.ofMillis(1));
    nonces.next();
    assertThat(random.fills).hasValue(2);
  }

  @Test
  void expiry_nothingDrawnSince_leavesNothingToDo() throws NonceException {
    assertThat(scheduler.waiting()).isZero();
    nonces.next();
    source.batch().next();
    assertThat(scheduler.waiting()).isEqualTo(1);
    time.advance(Duration.ofSeconds(1));
    assertThat(scheduler.waiting()).isZero();
  }

  @Test
  void next_schedulerStopped_looksAtTheClocksEachTime() throws NonceException {
    scheduler.shutdown();
    nonces.next();
    time.advance(Duration.ofSeconds(1));
    nonces.next();
    assertThat(random.fills).hasValue(2);
    nonces.next();
    assertThat(random.fills).hasValue(2);
  }

  @Test
  void next_wallClockSetBack_drawsAnewWithin16() throws NonceException {
    assertDrawsAnewWithin16AfterWallClockMoves(-1);
  }

  @Test
  void next_clocksDisagree_drawsAnewWithin16() throws NonceException {
    assertDrawsAnewWithin16AfterWallClockMoves(500);
  }

  @Test
  void reseed_always_forgetsWhatWasDrawnAhead() throws NonceException {
    // Two copies of one process: the same bytes drawn ahead, then each goes on by itself.
    byte[] drawnBefore = new byte[NonceSource.BATCH * NonceSource.NONCE_BYTES];
    Randoms.fresh(drawnBefore);
    Set<ByteBuffer> seen = new HashSet<>();
    for (int copy = 0; copy < 2; copy++) {
      Randoms script = onceThenFresh(drawnBefore);
      NonceSource restored = source(script);
      NonceBatch batch = restored.batch();
      assertThat(batch.next()).isEqualTo(Arrays.copyOf(drawnBefore, NonceSource.NONCE_BYTES));
      restored.reseed();
      assertThat(script.reseeds.get()).isPositive();
      for (int i = 0; i < 200; i++) {
        assertThat(seen.add(ByteBuffer.wrap(batch.next()))).isTrue();
      }
    }
  }

  @Test
  void pause_untilResumed_letsNobodyDraw() throws Exception {
    nonces.next();
    source.pause();
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      AtomicBoolean began = new AtomicBoolean();
      Future<byte[]> waiting =
          pool.submit(
              () -> {
                began.set(true);
                return nonces.next();
              });
      await().untilTrue(began);
      await()
          .during(Duration.ofMillis(50))
          .atMost(Duration.ofSeconds(20))
          .until(() -> !waiting.isDone());
      assertThat(random.fills).hasValue(1);
      source.resume();
      assertThat(waiting.get()).hasSize(NonceSource.NONCE_BYTES);
      assertThat(random.fills).hasValue(2);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void pause_whileInterrupted_isRefusedAndKeepsTheInterrupt() {
    source.pause();
    Thread.currentThread().interrupt();
    assertThatThrownBy(nonces::next)
        .isInstanceOf(NonceException.class)
        .hasMessage("interrupted while encryption was paused");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void osPerMessage_always_drawsForEachMessageAndSchedulesNothing() throws NonceException {
    NonceSource unbuffered =
        new NonceSource(NonceMode.OS_PER_MESSAGE, time, () -> scheduler, () -> random);
    NonceBatch batch = unbuffered.batch();
    for (int i = 1; i <= 40; i++) {
      batch.next();
      assertThat(random.fills).hasValue(i);
    }
    assertThat(scheduler.waiting()).isZero();
  }

  @Test
  void next_stuckSource_isRefused() {
    assertRefused(new Randoms(target -> Arrays.fill(target, (byte) 7)));
  }

  @Test
  void osPerMessage_stuckSource_isRefused() throws NonceException {
    Randoms stuck = new Randoms(target -> Arrays.fill(target, (byte) 7));
    NonceBatch batch =
        new NonceSource(NonceMode.OS_PER_MESSAGE, time, () -> scheduler, () -> stuck).batch();
    batch.next();
    assertThatThrownBy(batch::next)
        .isInstanceOf(NonceException.class)
        .hasMessage("the random source repeats itself");
  }

  @Test
  void next_sourceThatStartsOver_isRefused() throws NonceException {
    byte[] always = new byte[NonceSource.BATCH * NonceSource.NONCE_BYTES];
    Randoms.fresh(always);
    NonceSource repeating =
        source(new Randoms(target -> System.arraycopy(always, 0, target, 0, target.length)));
    NonceBatch batch = repeating.batch();
    for (int i = 0; i < 16; i++) {
      batch.next();
    }
    assertThatThrownBy(batch::next)
        .isInstanceOf(NonceException.class)
        .hasMessage("the random source repeats itself");
    assertThat(repeating.isFailing()).isTrue();
  }

  @Test
  void next_sourceThatRepeatsWithinABatch_isRefused() {
    assertRefused(
        new Randoms(
            target -> {
              Randoms.fresh(target);
              System.arraycopy(target, 0, target, 10 * NonceSource.NONCE_BYTES, 12);
            }));
  }

  @Test
  void next_afterARefusal_neverReturnsWhatWasRefused() throws NonceException {
    AtomicBoolean broken = new AtomicBoolean(true);
    NonceBatch batch =
        source(
                new Randoms(
                    target -> {
                      Randoms.fresh(target);
                      if (broken.get()) {
                        Arrays.fill(target, (byte) 7);
                      }
                    }))
            .batch();
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(batch::next).isInstanceOf(NonceException.class);
    }
    broken.set(false);
    byte[] refused = new byte[NonceSource.NONCE_BYTES];
    Arrays.fill(refused, (byte) 7);
    assertThat(batch.next()).isNotEqualTo(refused);
  }

  @Test
  void next_clockThatJumpsAtEveryLook_endsInAnError() {
    AtomicLong now = new AtomicLong();
    TimeSource mad =
        new TimeSource() {
          @Override
          public long nanoTime() {
            return now.addAndGet(Duration.ofSeconds(2).toNanos());
          }

          @Override
          public long currentTimeMillis() {
            return now.addAndGet(2_000_000_000L) / 1_000_000;
          }
        };
    NonceBatch batch =
        new NonceSource(NonceMode.BATCHED_DRBG, mad, () -> scheduler, () -> random).batch();
    assertThatThrownBy(batch::next).isInstanceOf(NonceException.class);
  }

  @Test
  void system_twoGenerators_shareNothing() {
    Set<ByteBuffer> seen = new HashSet<>();
    IntStream.range(0, 50)
        .forEach(
            i -> {
              byte[] bytes = new byte[16];
              RandomBytes generator = i % 2 == 0 ? RandomBytes.system() : RandomBytes.unbuffered();
              generator.reseed();
              generator.fill(bytes);
              seen.add(ByteBuffer.wrap(bytes));
            });
    assertThat(seen).hasSize(50);
  }

  private void assertDrawsAnewWithin16AfterWallClockMoves(long millis) throws NonceException {
    for (int i = 0; i < 20; i++) {
      nonces.next();
    }
    int before = random.fills.get();
    time.setWallClock(Instant.ofEpochMilli(time.currentTimeMillis() + millis));
    int used = 0;
    while (random.fills.get() == before && used < 40) {
      nonces.next();
      used++;
    }
    assertThat(used).isBetween(1, 16);
  }

  private void assertRefused(RandomBytes broken) {
    NonceBatch batch = source(broken).batch();
    assertThatThrownBy(batch::next)
        .isInstanceOf(NonceException.class)
        .hasMessage("the random source repeats itself");
  }

  private NonceSource source(RandomBytes random) {
    return new NonceSource(NonceMode.BATCHED_DRBG, time, () -> scheduler, () -> random);
  }

  private static Randoms onceThenFresh(byte[] first) {
    AtomicBoolean once = new AtomicBoolean(true);
    return new Randoms(
        target -> {
          Randoms.fresh(target);
          if (once.getAndSet(false)) {
            System.arraycopy(first, 0, target, 0, target.length);
          }
        });
  }
}
