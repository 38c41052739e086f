package dev.perfkit.testkit.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/** Runs code on several threads that start at the same moment. */
final class Together {

  /** How long anything a kit waits for may take; generous, since it only bounds failures. */
  static final Duration AT_MOST = Duration.ofSeconds(10);

  private Together() {}

  /** Runs the code of each number on a thread of its own and returns the results by number. */
  static <T> List<T> call(int threads, IntFunction<? extends Callable<T>> code) {
    CountDownLatch start = new CountDownLatch(threads);
    ExecutorService executor = Executors.newFixedThreadPool(threads, Together::daemon);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Callable<T> own = code.apply(i);
        futures.add(
            executor.submit(
                () -> {
                  start.countDown();
                  start.await();
                  return own.call();
                }));
      }
      return futures.stream().map(Together::result).toList();
    } finally {
      executor.shutdownNow();
    }
  }

  /** Runs the code of each number on a thread of its own. */
  static void run(int threads, IntFunction<? extends Runnable> code) {
    call(
        threads,
        i -> {
          Runnable own = code.apply(i);
          return () -> {
            own.run();
            return i;
          };
        });
  }

  /** Runs the code on a thread of its own, and fails if it does not end in time. */
  static void inTime(String what, Duration atMost, Runnable code) {
    ExecutorService executor = Executors.newSingleThreadExecutor(Together::daemon);
    try {
      executor.submit(code).get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(what + " did not return within " + atMost, late);
    } catch (ExecutionException failure) {
      throw new AssertionError(what + " failed: " + failure.getCause(), failure.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    } finally {
      executor.shutdownNow();
    }
  }

  private static <T> T result(Future<T> future) {
    try {
      return future.get(AT_MOST.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("a thread did not end within " + AT_MOST, late);
    } catch (ExecutionException failure) {
      throw new AssertionError("a thread failed: " + failure.getCause(), failure.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  private static Thread daemon(Runnable code) {
    Thread thread = new Thread(code, "conformance");
    thread.setDaemon(true);
    return thread;
  }
}
