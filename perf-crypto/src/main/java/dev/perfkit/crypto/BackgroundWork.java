package dev.perfkit.crypto;

import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The scheduler of one component: the host's, or one of its own that starts when it is needed. */
final class BackgroundWork {

  private static final Duration STOP = Duration.ofSeconds(2);

  private final String name;
  private final @Nullable ScheduledExecutorService given;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ScheduledExecutorService own;
  private boolean closed;

  BackgroundWork(String name, @Nullable ScheduledExecutorService given) {
    this.name = name;
    this.given = given;
  }

  /**
   * Returns the scheduler.
   *
   * @throws RejectedExecutionException if the component is closed
   */
  ScheduledExecutorService scheduler() {
    lock.lock();
    try {
      if (closed) {
        throw new RejectedExecutionException("field cipher '" + name + "' is closed");
      }
      if (given != null) {
        return given;
      }
      ScheduledExecutorService running = own;
      if (running == null) {
        running = WorkerThreads.scheduler("crypto", name, 1);
        own = running;
      }
      return running;
    } finally {
      lock.unlock();
    }
  }

  /** Stops the own scheduler. */
  void close() {
    ScheduledExecutorService running;
    lock.lock();
    try {
      closed = true;
      running = own;
      own = null;
    } finally {
      lock.unlock();
    }
    if (running != null) {
      WorkerThreads.stop(running, STOP);
    }
  }
}
