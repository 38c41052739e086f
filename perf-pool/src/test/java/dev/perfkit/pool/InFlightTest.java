package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Proves that leases can be ended by another thread, once each and only while they are in flight,
 * and that those which rest are told from those which are used.
 */
class InFlightTest {

  private final InFlight leases = new InFlight(4);
  private final AtomicInteger aborted = new AtomicInteger();

  @SuppressWarnings("NullAway") // A lease knows its node and pool; nothing here asks for them.
  private static Lease lease() {
    return new Lease(null, null, false);
  }

  private Lease borrowed() {
    Lease lease = lease();
    leases.enter(lease);
    lease.connection =
        FakeDatabase.proxy(
            Connection.class,
            (proxy, method, arguments) -> {
              if (method.getName().equals("abort")) {
                aborted.incrementAndGet();
              }
              return FakeDatabase.byDefault(proxy, method, arguments);
            });
    leases.borrowed(lease);
    return lease;
  }

  @Test
  void abort_leasesInFlight_endsEachOnce() {
    Lease first = borrowed();
    Lease gone = borrowed();
    leases.enter(lease());
    leases.leave(gone);
    assertThat(leases.abort(Runnable::run)).isEqualTo(1);
    assertThat(leases.abort(Runnable::run)).isZero();
    assertThat(first.aborted).isTrue();
    assertThat(gone.aborted).isFalse();
    assertThat(aborted).hasValue(1);
  }

  @Test
  void abort_executorIsFull_isDoneByTheCaller() {
    borrowed();
    Executor full =
        task -> {
          throw new RejectedExecutionException();
        };
    assertThat(leases.abort(full)).isEqualTo(1);
    assertThat(aborted).hasValue(1);
  }

  @Test
  void enter_moreThanThereIsRoomFor_goesWithout() {
    List<Lease> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(borrowed());
    }
    int noted = leases.abort(Runnable::run);
    assertThat(noted).isBetween(4, 999);
    all.forEach(leases::leave);
    borrowed();
    assertThat(leases.abort(Runnable::run)).isEqualTo(1);
  }

  @Test
  void resting_leaseNotUsedSinceTheLastLook_isSeen() {
    assertThat(leases.resting()).isFalse();
    Lease lease = borrowed();
    assertThat(leases.resting()).isFalse();
    assertThat(leases.resting()).isTrue();
    lease.uses++;
    assertThat(leases.resting()).isFalse();
    leases.leave(lease);
    Lease other = borrowed();
    assertThat(leases.resting()).isFalse();
    leases.leave(other);
    assertThat(leases.resting()).isFalse();
  }

  @Test
  void slots_usedByManyThreads_areAllFreeAtTheEnd() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(
          threads.submit(
              () -> {
                for (int n = 0; n < 10_000; n++) {
                  leases.leave(borrowed());
                }
              }));
    }
    for (Future<?> thread : all) {
      thread.get(30, TimeUnit.SECONDS);
    }
    threads.shutdown();
    assertThat(leases.abort(Runnable::run)).isZero();
    assertThat(leases.resting()).isFalse();
  }
}
