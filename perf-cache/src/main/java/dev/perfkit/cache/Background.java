package dev.perfkit.cache;

import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for loads whose callers do not wait for them, or not to their end: those of the host, or
 * some of the cache's own that start when needed and end when idle.
 */
final class Background {

  /** The most threads of its own. */
  static final int THREADS = 16;

  /** The most loads that wait for one of them. */
  static final int WAITING = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(2);

  private final String cache;
  private final Executor executor;
  private final @Nullable ExecutorService ours;

  private Background(String cache, Executor executor, @Nullable ExecutorService ours) {
    this.cache = cache;
    this.executor = executor;
    this.ours = ours;
  }

  static Background of(String cache, @Nullable Executor host) {
    if (host != null) {
      return new Background(cache, host, null);
    }
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING),
            WorkerThreads.factory("cache", cache + "-load"));
    threads.allowCoreThreadTimeOut(true);
    return new Background(cache, threads, threads);
  }

  /** Has something done; returns false if there is no thread for it. */
  boolean run(Runnable task) {
    try {
      executor.execute(task);
      return true;
    } catch (RejectedExecutionException busy) {
      return false;
    }
  }

  void close() {
    if (ours != null && !WorkerThreads.stop(ours, STOP_WITHIN)) {
      LOG.warn("cache '{}': loads in its background did not stop in {}", cache, STOP_WITHIN);
    }
  }
}
