package dev.perfkit.compress;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes bodies at high levels when nobody waits for them: few at a time, of the lowest priority.
 */
final class Recompression implements AutoCloseable {

  /** So many bodies wait at most, each held in memory. */
  static final int MOST_WAITING = 32;

  private static final Duration STOP = Duration.ofSeconds(2);
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

  private final Executor executor;
  private final @Nullable ExecutorService owned;
  private final Consumer<? super Throwable> onFailure;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Telemetry.Counter done;
  private volatile boolean closed;

  /**
   * @param executor of the host; null for a thread of our own
   */
  Recompression(
      String compressor,
      @Nullable Executor executor,
      Telemetry telemetry,
      Consumer<? super Throwable> onFailure) {
    ExecutorService own = executor == null ? ownExecutor(compressor) : null;
    this.owned = own;
    this.executor = executor == null ? Objects.requireNonNull(own) : executor;
    this.onFailure = onFailure;
    this.done =
        telemetry.counter(
            Metric.named("compress.variants.recompressed")
                .help("Bodies encoded anew in the background")
                .tag("compressor", compressor));
  }

  // Nobody waits for this thread: where the priority means something, it should lose.
  @SuppressWarnings("ThreadPriorityCheck")
  private static ExecutorService ownExecutor(String compressor) {
    ThreadFactory threads = WorkerThreads.factory("compress", compressor);
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            KEEP_ALIVE.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = threads.newThread(task);
              thread.setPriority(Thread.MIN_PRIORITY);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  /**
   * Encodes a body some time.
   *
   * @param limit the most bytes the result may have
   * @param then is given the result; null if it is over the limit
   * @return whether there is room for it; if not, nothing happens
   */
  boolean submit(Lane lane, byte[] body, int level, int limit, Consumer<byte @Nullable []> then) {
    if (closed) {
      return false;
    }
    if (waiting.incrementAndGet() > MOST_WAITING) {
      waiting.decrementAndGet();
      return false;
    }
    boolean taken = false;
    try {
      executor.execute(() -> run(lane, body, level, limit, then));
      taken = true;
    } catch (RuntimeException refused) {
      onFailure.accept(refused);
    } finally {
      if (!taken) {
        waiting.decrementAndGet();
      }
    }
    return taken;
  }

  private void run(Lane lane, byte[] body, int level, int limit, Consumer<byte @Nullable []> then) {
    waiting.decrementAndGet();
    if (closed) {
      return;
    }
    try {
      then.accept(lane.encodeApart(body, level, limit));
      done.increment();
    } catch (RuntimeException | LinkageError failure) {
      onFailure.accept(failure);
    }
  }

  @Override
  public void close() {
    closed = true;
    if (owned != null) {
      WorkerThreads.stop(owned, STOP);
    }
  }
}
