package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Proves that contexts are reused, bounded, closed once, and given to those who wait. */
class ContextPoolTest {

  private final AtomicInteger madeContexts = new AtomicInteger();
  private final AtomicInteger closedContexts = new AtomicInteger();
  private boolean factoryFails;
  private final ContextPool<Fake> pool = new ContextPool<>(2, this::make);

  @Test
  void release_reusable_isGivenOutAgain() {
    Fake first = pool.acquire();
    pool.release(first);
    assertThat(pool.acquire()).isSameAs(first);
    assertThat(madeContexts).hasValue(1);
    assertThat(pool.open().getAsInt()).isEqualTo(1);
  }

  @Test
  void release_notReusable_isClosedAndReplaced() {
    Fake first = pool.acquire();
    first.reusable = false;
    pool.release(first);
    assertThat(closedContexts).hasValue(1);
    assertThat(pool.open().getAsInt()).isZero();
    assertThat(pool.acquire()).isNotSameAs(first);
  }

  @Test
  void acquire_allInUse_waitsForOne() throws Exception {
    Fake first = pool.acquire();
    Fake second = pool.acquire();
    AtomicReference<@Nullable Fake> third = new AtomicReference<>();
    Thread waiter = new Thread(() -> third.set(pool.acquire()), "waiter");
    waiter.start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> waiter.getState() == Thread.State.WAITING);
    assertThat(pool.open().getAsInt()).isEqualTo(2);
    second.reusable = false;
    pool.release(second);
    waiter.join(10_000);
    assertThat(third.get()).isNotNull().isNotSameAs(first).isNotSameAs(second);
    assertThat(pool.open().getAsInt()).isEqualTo(2);
  }

  @Test
  void acquire_factoryFails_leavesThePlaceFree() {
    factoryFails = true;
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(pool::acquire).isInstanceOf(IllegalStateException.class);
    }
    assertThat(pool.open().getAsInt()).isZero();
    factoryFails = false;
    assertThat(pool.acquire()).isNotNull();
  }

  @Test
  void close_idleAndInUse_closesEachOnce() {
    Fake used = pool.acquire();
    pool.release(pool.acquire());
    pool.close();
    pool.close();
    assertThat(closedContexts).hasValue(1);
    assertThat(pool.open().getAsInt()).isEqualTo(1);
    pool.release(used);
    assertThat(closedContexts).hasValue(2);
    pool.release(pool.acquire());
    assertThat(closedContexts).as("nothing is kept after close").hasValue(3);
    assertThat(pool.open().getAsInt()).isZero();
  }

  private Fake make() {
    if (factoryFails) {
      throw new IllegalStateException("no memory");
    }
    madeContexts.incrementAndGet();
    return new Fake();
  }

  private final class Fake implements NativeContext {

    private boolean reusable = true;

    @Override
    public boolean isReusable() {
      return reusable;
    }

    @Override
    public void close() {
      closedContexts.incrementAndGet();
    }
  }
}
