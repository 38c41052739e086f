package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.NonceSource.NonceException;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.testkit.FakeTimeSource;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
  private final Randoms random = new Randoms(Randoms::fresh);
  private final NonceSource nonces = new NonceSource(time, () -> random);

  @Test
  void next_manyThreads_neverRepeats() throws Exception {
    NonceSource shared = new NonceSource(TimeSource.system(), RandomBytes::system);
    Set<ByteBuffer> seen = ConcurrentHashMap.newKeySet();
    int threads = 8;
    int each = 50_000;
    CountDownLatch start = new CountDownLatch(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      Set<Future<?>> tasks = new HashSet<>();
      for (int t = 0; t < threads; t++) {
        boolean reseeds = t == 0;
        tasks.add(
            pool.submit(
                () -> {
                  start.countDown();
                  start.await();
                  for (int i = 0; i < each; i++) {
                    seen.add(ByteBuffer.wrap(next(shared)));
                    if (reseeds && i % 5_000 == 0) {
                      shared.reseed();
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(seen).hasSize(threads * each);
  }

  @Test
  void next_withinASecond_drawsOnceFor256() throws NonceException {
    Set<ByteBuffer> seen = new HashSet<>();
    for (int i = 0; i < NonceSource.BATCH; i++) {
      seen.add(ByteBuffer.wrap(next(nonces)));
    }
    assertThat(random.fills).hasValue(1);
    seen.add(ByteBuffer.wrap(next(nonces)));
    assertThat(random.fills).hasValue(2);
    assertThat(seen).hasSize(NonceSource.BATCH + 1);
  }

  @Test
  void next_afterASecond_drawsAnew() throws NonceException {
    next(nonces);
    time.advance(Duration.ofMillis(999));
    next(nonces);
    assertThat(random.fills).hasValue(1);
    time.advance(Duration.ofMillis(1));
    next(nonces);
    assertThat(random.fills).hasValue(2);
  }

  @Test
  void next_wallClockSetBack_drawsAnew() throws NonceException {
    next(nonces);
    time.setWallClock(Instant.ofEpochMilli(time.currentTimeMillis() - 1));
    next(nonces);
    assertThat(random.fills).hasValue(2);
  }

  @Test
  void next_clocksDisagree_drawsAnewWithin16() throws NonceException {
    next(nonces);
    time.setWallClock(Instant.ofEpochMilli(time.currentTimeMillis() + 500));
    int used = 0;
    while (random.fills.get() == 1 && used < 100) {
      next(nonces);
      used++;
    }
    assertThat(used).isBetween(1, 16);
  }

  @Test
  void reseed_always_forgetsWhatWasDrawnAhead() throws NonceException {
    // Two copies of one process: the same bytes drawn ahead, then each goes on by itself.
    byte[] drawnBefore = new byte[NonceSource.BATCH * NonceSource.NONCE_BYTES];
    Randoms.fresh(drawnBefore);
    Set<ByteBuffer> seen = new HashSet<>();
    for (int copy = 0; copy < 2; copy++) {
      AtomicBoolean first = new AtomicBoolean(true);
      Randoms source =
          new Randoms(
              target -> {
                Randoms.fresh(target);
                if (first.getAndSet(false)) {
                  System.arraycopy(drawnBefore, 0, target, 0, target.length);
                }
              });
      NonceSource restored = new NonceSource(time, () -> source);
      assertThat(next(restored)).isEqualTo(Arrays.copyOf(drawnBefore, NonceSource.NONCE_BYTES));
      restored.reseed();
      assertThat(source.reseeds.get()).isPositive();
      for (int i = 0; i < 200; i++) {
        assertThat(seen.add(ByteBuffer.wrap(next(restored)))).isTrue();
      }
    }
  }

  @Test
  void next_stuckSource_isRefused() {
    assertRefused(new Randoms(target -> Arrays.fill(target, (byte) 7)));
  }

  @Test
  void next_sourceThatStartsOver_isRefused() throws NonceException {
    byte[] always = new byte[NonceSource.BATCH * NonceSource.NONCE_BYTES];
    Randoms.fresh(always);
    Randoms repeating =
        new Randoms(target -> System.arraycopy(always, 0, target, 0, target.length));
    NonceSource source = new NonceSource(time, () -> repeating);
    for (int i = 0; i < NonceSource.BATCH; i++) {
      next(source);
    }
    assertThatThrownBy(() -> next(source))
        .isInstanceOf(NonceException.class)
        .hasMessage("the random source repeats itself");
    assertThat(source.isFailing()).isTrue();
  }

  @Test
  void next_sourceThatRepeatsWithinABatch_isRefused() {
    assertRefused(
        new Randoms(
            target -> {
              Randoms.fresh(target);
              System.arraycopy(target, 0, target, 100 * NonceSource.NONCE_BYTES, 12);
            }));
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
    NonceSource source = new NonceSource(mad, () -> random);
    assertThatThrownBy(() -> next(source)).isInstanceOf(NonceException.class);
  }

  @Test
  void system_twoGenerators_shareNothing() {
    Set<ByteBuffer> seen = new HashSet<>();
    IntStream.range(0, 50)
        .forEach(
            i -> {
              byte[] bytes = new byte[16];
              RandomBytes generator = RandomBytes.system();
              generator.reseed();
              generator.fill(bytes);
              seen.add(ByteBuffer.wrap(bytes));
            });
    assertThat(seen).hasSize(50);
  }

  private void assertRefused(RandomBytes broken) {
    NonceSource source = new NonceSource(time, () -> broken);
    assertThatThrownBy(() -> next(source))
        .isInstanceOf(NonceException.class)
        .hasMessage("the random source repeats itself");
  }

  private static byte[] next(NonceSource source) throws NonceException {
    byte[] nonce = new byte[NonceSource.NONCE_BYTES];
    source.next(nonce, 0);
    return nonce;
  }
}
