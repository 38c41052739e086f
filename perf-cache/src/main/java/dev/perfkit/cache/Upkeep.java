package dev.perfkit.cache;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs the upkeep of memory. After a write it runs on the writer's thread, as it takes about a
 * microsecond and waking another thread takes longer. After mere reads it goes to the common pool,
 * as Caffeine's does: hits are so many that they must not pay for it, and while nobody has time for
 * it, Caffeine lets some go unnoted. While somebody takes many steps it is done once, at their end;
 * Caffeine, which has one task under way at a time, does with its buffers meanwhile.
 */
final class Upkeep implements Executor {

  private final Executor pool;
  private final AtomicInteger many = new AtomicInteger();
  private final AtomicReference<@Nullable Runnable> deferred = new AtomicReference<>();

  /** Set by each write, and lost in a race without harm: it only says who does the work. */
  private boolean written;

  /**
   * @param pool for the upkeep after reads
   */
  Upkeep(Executor pool) {
    this.pool = pool;
  }

  /** Says that a write comes. */
  void write() {
    if (!written) {
      written = true;
    }
  }

  void begin() {
    many.incrementAndGet();
  }

  void end() {
    many.decrementAndGet();
    Runnable task = deferred.getAndSet(null);
    if (task != null) {
      task.run();
    }
  }

  @Override
  public void execute(Runnable task) {
    if (many.get() > 0 && deferred.compareAndSet(null, task)) {
      return;
    }
    if (written) {
      written = false;
      task.run();
    } else {
      pool.execute(task);
    }
  }
}
