package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Proves where background work of a cipher runs, and that the options that decide it are heeded.
 */
class BackgroundWorkTest {

  private final Keyset keyset = Keyset.generate();

  @Test
  void scheduler_given_runsEverythingAndStaysOpen() {
    FakeTimeSource time = FakeTimeSource.create();
    FakeScheduler scheduler = FakeScheduler.on(time);
    AtomicInteger fills = new AtomicInteger();
    FieldCipher cipher =
        FieldCipher.named("given")
            .keyset(keyset)
            .timeSource(time)
            .scheduler(scheduler)
            .randoms(
                () ->
                    new Randoms(
                        target -> {
                          fills.incrementAndGet();
                          Randoms.fresh(target);
                        }))
            .build();
    cipher.encrypt("x", WHERE);
    assertThat(scheduler.waiting()).isPositive();
    assertThat(threadOf("given")).isEmpty();
    time.advance(Duration.ofSeconds(1));
    cipher.encrypt("x", WHERE);
    assertThat(fills).hasValue(2);
    cipher.close();
    assertThat(scheduler.isShutdown()).isFalse();
  }

  @Test
  void scheduler_notGiven_isOneDaemonThreadUntilClose() {
    FieldCipher cipher = FieldCipher.named("own").keyset(keyset).build();
    assertThat(threadOf("own")).isEmpty();
    cipher.encrypt("x", WHERE);
    assertThat(threadOf("own")).get().matches(Thread::isDaemon);
    cipher.close();
    await().until(() -> threadOf("own").isEmpty());
  }

  @Test
  void scheduler_afterClose_isRefused() {
    BackgroundWork work = new BackgroundWork("gone", null);
    work.close();
    assertThatThrownBy(work::scheduler)
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessage("field cipher 'gone' is closed");
  }

  @Test
  void nonces_osPerMessage_drawsForEachMessage() {
    AtomicInteger fills = new AtomicInteger();
    FieldCipher cipher =
        FieldCipher.named("os")
            .keyset(keyset)
            .nonces(NonceMode.OS_PER_MESSAGE)
            .randoms(
                () ->
                    new Randoms(
                        target -> {
                          assertThat(target).hasSize(NonceSource.NONCE_BYTES);
                          fills.incrementAndGet();
                          Randoms.fresh(target);
                        }))
            .build();
    for (int i = 1; i <= 20; i++) {
      cipher.encrypt("x", WHERE);
      assertThat(fills).hasValue(i);
    }
    cipher.close();
    try (FieldCipher real =
        FieldCipher.named("os").keyset(keyset).nonces(NonceMode.OS_PER_MESSAGE).build()) {
      assertThat(real.encrypt("x", WHERE)).isNotEqualTo(real.encrypt("x", WHERE));
    }
  }

  private static Optional<Thread> threadOf(String cipher) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("perf-crypto-" + cipher + "-1"))
        .findAny();
  }
}
