package dev.perfkit.cache;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs the upkeep of memory on the thread that needs it, as it takes about a microsecond and waking
 * another thread takes longer. While somebody takes many steps it is done once, at their end;
 * Caffeine, which has one task under way at a time, does with its buffers meanwhile.
 */
final class Upkeep implements Executor {

  private final AtomicInteger many = new AtomicInteger();
  private final AtomicReference<@Nullable Runnable> deferred = new AtomicReference<>();

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
    if (many.get() == 0 || !deferred.compareAndSet(null, task)) {
      task.run();
    }
  }
}
