package dev.perfkit.pool;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs probes on the thread that asks for them, at once or when a test says so: what they lead to
 * is complete when the test looks, and nothing comes in between.
 */
final class OnCaller extends AbstractExecutorService {

  private final Queue<Runnable> kept = new ConcurrentLinkedQueue<>();
  private volatile boolean keeping;

  /** From now on tasks are kept. */
  void keep() {
    keeping = true;
  }

  /** Runs what was kept; from now on tasks run at once. */
  void release() {
    keeping = false;
    for (Runnable task = kept.poll(); task != null; task = kept.poll()) {
      task.run();
    }
  }

  @Override
  public void execute(Runnable task) {
    if (keeping) {
      kept.add(task);
    } else {
      task.run();
    }
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long time, TimeUnit unit) {
    return true;
  }
}
