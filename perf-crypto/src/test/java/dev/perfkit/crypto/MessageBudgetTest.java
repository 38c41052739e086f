package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.EncryptException.Reason;
import dev.perfkit.crypto.MessageBudget.SpentException;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Proves that no message is encrypted which was not counted before, by any number of threads, and
 * that a source without leases stops encryption, at once and for no longer than it lasts.
 */
class MessageBudgetTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final Leases leases = new Leases();

  @Test
  void spend_manyThreads_neverMoreThanTheSourceGave() throws Exception {
    leases.left.set(1_000_003);
    MessageBudget budget = new MessageBudget(leases, time, 0);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<Long>> counts = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      counts.add(pool.submit(() -> spendAll(budget)));
    }
    long spent = 0;
    for (Future<Long> count : counts) {
      spent += count.get();
    }
    pool.shutdown();
    assertThat(spent).isLessThanOrEqualTo(1_000_003).isGreaterThan(900_000);
  }

  @Test
  void spend_oneThread_usesEveryMessage() {
    leases.left.set(10_001);
    assertThat(spendAll(new MessageBudget(leases, time, 0))).isEqualTo(10_001);
  }

  @Test
  void spend_sourceAway_failsFastUntilASecondHasPassed() throws SpentException {
    MessageBudget budget = new MessageBudget(leases, time, 0);
    assertReason(Reason.KEY_EXHAUSTED, budget);
    leases.left.set(5);
    for (int i = 0; i < 100_000; i++) {
      assertReason(Reason.KEY_EXHAUSTED, budget);
    }
    assertThat(leases.asked).hasValue(1);
    time.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 5; i++) {
      budget.spend();
    }
    assertThat(leases.asked).hasValue(2);
  }

  @Test
  void close_withALease_givesBackWhatWasNotUsed() throws SpentException {
    leases.left.set(100_000);
    MessageBudget budget = new MessageBudget(leases, time, 0);
    for (int i = 0; i < 10; i++) {
      budget.spend();
    }
    budget.close();
    budget.close();
    assertThat(leases.left).hasValue(99_990);
    assertReason(Reason.STORE_UNAVAILABLE, budget);
  }

  @Test
  void prefetch_nearTheEnd_isAskedForAndTakesOneLease() throws SpentException {
    leases.left.set(100_000);
    leases.size = 10_000;
    MessageBudget budget = new MessageBudget(leases, time, 3_000);
    budget.spend();
    assertThat(leases.nearlySpent).hasValue(0);
    for (int i = 0; i < 8_000; i++) {
      budget.spend();
    }
    assertThat(leases.nearlySpent).hasPositiveValue();
    budget.prefetch();
    budget.prefetch();
    assertThat(leases.asked).hasValue(2);
    assertThat(budget.leased()).isGreaterThan(10_000);
  }

  @Test
  void ofProcess_always_endsAtTwoToThe32() throws SpentException {
    assertThat(MessageBudget.MAX_MESSAGES).isEqualTo(4_294_967_296L);
    assertThat(MessageBudget.LEASE_MESSAGES).isEqualTo(16_777_216L);
    MessageBudget budget = MessageBudget.ofProcess();
    budget.spend();
    assertThat(budget.leased()).isEqualTo(MessageBudget.LEASE_MESSAGES - MessageBudget.CHUNK);
  }

  private static void assertReason(Reason reason, MessageBudget budget) {
    assertThatThrownBy(budget::spend)
        .isInstanceOfSatisfying(
            SpentException.class, failure -> assertThat(failure.reason()).isEqualTo(reason));
  }

  private static long spendAll(MessageBudget budget) {
    long spent = 0;
    try {
      while (true) {
        budget.spend();
        spent++;
      }
    } catch (SpentException end) {
      return spent;
    }
  }

  /** A source with so many messages. */
  private static final class Leases implements MessageBudget.Source {

    final AtomicLong left = new AtomicLong();
    final AtomicLong asked = new AtomicLong();
    final AtomicLong nearlySpent = new AtomicLong();
    volatile long size = 50_000;

    @Override
    public long take() throws SpentException {
      asked.incrementAndGet();
      long before = left.getAndUpdate(now -> now - Math.min(now, size));
      if (before == 0) {
        throw MessageBudget.exhausted("key 1");
      }
      return Math.min(before, size);
    }

    @Override
    public void giveBack(long messages) {
      left.addAndGet(messages);
    }

    @Override
    public void nearlySpent() {
      nearlySpent.incrementAndGet();
    }
  }
}
