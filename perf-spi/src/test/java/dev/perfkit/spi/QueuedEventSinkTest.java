package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves that the queue in front of a slow sink keeps order, counts every drop exactly, never makes
 * a caller wait or fail, and survives whatever the sink, the callback and the executor throw.
 */
@Timeout(60)
class QueuedEventSinkTest {

  private final List<Event> delivered = Collections.synchronizedList(new ArrayList<>());
  private final List<Long> drops = Collections.synchronizedList(new ArrayList<>());
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  @Test
  void accept_untilTheExecutorRuns_waitsInOrderAndNeedsOneTask() {
    EventSink sink = EventSink.queued(delivered::add, tasks::add, 10, drops::add);
    send(sink, 0, 3);
    assertThat(delivered).isEmpty();
    assertThat(tasks).hasSize(1);
    runTasks();
    assertThat(delivered).containsExactly(event(0), event(1), event(2));
    send(sink, 3, 4);
    assertThat(tasks).as("a new task after the queue was empty").hasSize(1);
    runTasks();
    assertThat(delivered).endsWith(event(3)).hasSize(4);
    assertThat(drops).isEmpty();
  }

  @Test
  void accept_queueFull_dropsTheNewestAndTellsBeforeTheNextDelivery() {
    List<String> order = new ArrayList<>();
    EventSink sink =
        EventSink.queued(
            event -> order.add("event " + event.epochMillis()),
            tasks::add,
            2,
            count -> order.add("dropped " + count));
    send(sink, 0, 5);
    assertThat(order).isEmpty();
    runTasks();
    assertThat(order).containsExactly("dropped 3", "event 0", "event 1");
    send(sink, 5, 6);
    runTasks();
    assertThat(order).endsWith("event 5").hasSize(4);
  }

  @Test
  void accept_dropsDuringTheLastDelivery_areToldWithoutAnotherEvent() {
    List<EventSink> self = new ArrayList<>();
    EventSink sink =
        EventSink.queued(
            event -> {
              delivered.add(event);
              if (event.epochMillis() == 0) {
                send(self.get(0), 1, 4);
              }
            },
            tasks::add,
            1,
            drops::add);
    self.add(sink);
    send(sink, 0, 1);
    runTasks();
    assertThat(delivered).containsExactly(event(0), event(1));
    assertThat(drops).containsExactly(2L);
  }

  @Test
  void accept_executorRefuses_dropsWhatWaitsTellsTheCallerAndRecovers() {
    AtomicBoolean refuse = new AtomicBoolean(true);
    Executor executor =
        task -> {
          if (refuse.get()) {
            throw new RejectedExecutionException("shut down");
          }
          tasks.add(task);
        };
    EventSink sink = EventSink.queued(delivered::add, executor, 10, drops::add);
    send(sink, 0, 2);
    assertThat(drops).containsExactly(1L, 1L);
    refuse.set(false);
    send(sink, 2, 4);
    runTasks();
    assertThat(delivered).containsExactly(event(2), event(3));
    assertThat(drops).hasSize(2);
  }

  @Test
  void accept_othersQueueBeforeTheExecutorRefuses_countsAllThatWaited() {
    List<EventSink> self = new ArrayList<>();
    Executor executor =
        task -> {
          send(self.get(0), 1, 3);
          throw new RejectedExecutionException("shut down");
        };
    EventSink sink = EventSink.queued(delivered::add, executor, 10, drops::add);
    self.add(sink);
    send(sink, 0, 1);
    assertThat(drops).containsExactly(3L);
    assertThat(delivered).isEmpty();
  }

  @Test
  void accept_executorFailsOtherwise_isARefusalAndTheSinkRecovers() {
    AtomicInteger calls = new AtomicInteger();
    Executor executor =
        task -> {
          if (calls.incrementAndGet() == 1) {
            throw new IllegalStateException("broken executor");
          }
          tasks.add(task);
        };
    EventSink sink = EventSink.queued(delivered::add, executor, 10, drops::add);
    send(sink, 0, 2);
    runTasks();
    assertThat(drops).containsExactly(1L);
    assertThat(delivered).containsExactly(event(1));
  }

  @Test
  void accept_noThreadToBeHad_isNotHiddenAndTheSinkRecovers() {
    AtomicInteger calls = new AtomicInteger();
    Executor executor =
        task -> {
          if (calls.incrementAndGet() == 1) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          tasks.add(task);
        };
    EventSink sink = EventSink.queued(delivered::add, executor, 10, drops::add);
    assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> sink.accept(event(0)));
    sink.accept(event(1));
    runTasks();
    assertThat(drops).containsExactly(1L);
    assertThat(delivered).containsExactly(event(1));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void accept_null_isRefusedAndTheSinkStaysUsable() {
    EventSink sink = EventSink.queued(delivered::add, Runnable::run, 1, drops::add);
    assertThatNullPointerException().isThrownBy(() -> sink.accept(null));
    sink.accept(event(0));
    assertThat(delivered).containsExactly(event(0));
  }

  @Test
  void accept_callerRunsExecutorAndTheSinkTellsMore_isDeliveredInOrderWithoutRecursion() {
    List<EventSink> self = new ArrayList<>();
    EventSink sink =
        EventSink.queued(
            event -> {
              delivered.add(event);
              if (event.epochMillis() < 10_000) {
                self.get(0).accept(event(event.epochMillis() + 1));
              }
            },
            Runnable::run,
            2,
            drops::add);
    self.add(sink);
    sink.accept(event(0));
    assertThat(delivered).hasSize(10_001);
    assertThat(drops).isEmpty();
  }

  @Test
  void accept_delegateAndCallbackThrow_tellsTheThreadsHandlerAndGoesOn() throws Exception {
    List<Throwable> handled = Collections.synchronizedList(new ArrayList<>());
    EventSink sink =
        EventSink.queued(
            event -> {
              delivered.add(event);
              throw new IllegalStateException("delegate");
            },
            tasks::add,
            2,
            count -> {
              drops.add(count);
              throw new AssertionError("callback");
            });
    send(sink, 0, 3);
    runTasksOnAThreadWith((thread, failure) -> handled.add(failure));
    assertThat(delivered).containsExactly(event(0), event(1));
    assertThat(drops).containsExactly(1L);
    assertThat(handled)
        .extracting(Throwable::getMessage)
        .containsExactly("callback", "delegate", "delegate");
  }

  @Test
  void accept_evenTheHandlerThrows_goesOn() throws Exception {
    EventSink sink =
        EventSink.queued(
            event -> {
              delivered.add(event);
              throw new IllegalStateException("delegate");
            },
            tasks::add,
            9,
            drops::add);
    send(sink, 0, 3);
    runTasksOnAThreadWith(
        (thread, failure) -> {
          throw new IllegalStateException("handler");
        });
    send(sink, 3, 4);
    assertThat(tasks).as("a new task: the drain before has ended properly").hasSize(1);
    assertThat(delivered).hasSize(3);
  }

  @Test
  void accept_slowDelegate_neverMakesCallersWait() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    EventSink sink =
        EventSink.queued(
            event -> {
              busy.countDown();
              awaitQuietly(end);
              delivered.add(event);
            },
            executor,
            5,
            drops::add);
    sink.accept(event(0));
    busy.await();
    send(sink, 1, 101); // ends although nothing is taken from the queue
    end.countDown();
    executor.shutdown();
    assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(delivered)
        .containsExactly(event(0), event(1), event(2), event(3), event(4), event(5));
    assertThat(drops).containsExactly(95L);
  }

  @Test
  void accept_manyThreadsAndEnoughRoom_losesAndReordersNothing() throws Exception {
    Run run = run(1_000_000, Executors.newFixedThreadPool(4), 4, 20_000);
    assertThat(run.dropped).hasValue(0);
    assertThat(run.deliveredBySource.values()).allSatisfy(own -> assertThat(own).hasSize(20_000));
    run.assertOrder();
  }

  @Test
  void accept_manyThreadsAndLittleRoom_countsEveryDropAndReordersNothing() throws Exception {
    Run run = run(3, Executors.newFixedThreadPool(4), 4, 20_000);
    long arrived = run.deliveredBySource.values().stream().mapToLong(List::size).sum();
    assertThat(arrived).isPositive();
    assertThat(arrived + run.dropped.get()).isEqualTo(80_000);
    run.assertOrder();
  }

  @Test
  void accept_executorRefusesNowAndThen_countsEveryDropAndReordersNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    Executor moody =
        task -> {
          if (ThreadLocalRandom.current().nextInt(3) == 0) {
            throw new RejectedExecutionException("moody");
          }
          threads.execute(task);
        };
    Run run = run(3, moody, threads, 4, 20_000);
    long arrived = run.deliveredBySource.values().stream().mapToLong(List::size).sum();
    assertThat(arrived).isPositive();
    assertThat(arrived + run.dropped.get()).isEqualTo(80_000);
    run.assertOrder();
  }

  private static Run run(int capacity, ExecutorService executor, int producers, int each)
      throws Exception {
    return run(capacity, executor, executor, producers, each);
  }

  private static Run run(
      int capacity, Executor executor, ExecutorService threads, int producers, int each)
      throws Exception {
    Run run = new Run();
    EventSink sink = EventSink.queued(run::deliver, executor, capacity, run.dropped::addAndGet);
    List<Thread> sending = new ArrayList<>();
    CountDownLatch start = new CountDownLatch(producers);
    for (int i = 0; i < producers; i++) {
      String source = "producer/" + i;
      Thread thread =
          new Thread(
              () -> {
                start.countDown();
                awaitQuietly(start);
                for (int number = 0; number < each; number++) {
                  sink.accept(Event.of(source, "t", Event.Severity.INFO, number, "m"));
                }
              });
      thread.start();
      sending.add(thread);
    }
    for (Thread thread : sending) {
      thread.join();
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    return run;
  }

  /** What one run delivered; its plain map would break if two deliveries ever ran at once. */
  private static final class Run {

    final AtomicLong dropped = new AtomicLong();
    final Map<String, List<Long>> deliveredBySource = new HashMap<>();
    final AtomicBoolean inside = new AtomicBoolean();
    final AtomicInteger overlaps = new AtomicInteger();

    void deliver(Event event) {
      if (!inside.compareAndSet(false, true)) {
        overlaps.incrementAndGet();
      }
      deliveredBySource
          .computeIfAbsent(event.source(), source -> new ArrayList<>())
          .add(event.epochMillis());
      inside.set(false);
    }

    void assertOrder() {
      assertThat(overlaps).as("deliveries at the same time").hasValue(0);
      assertThat(deliveredBySource.values())
          .allSatisfy(own -> assertThat(own).isSorted().doesNotHaveDuplicates());
    }
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void runTasksOnAThreadWith(Thread.UncaughtExceptionHandler handler) throws Exception {
    Thread thread = new Thread(this::runTasks);
    thread.setUncaughtExceptionHandler(handler);
    thread.start();
    thread.join();
  }

  private static void send(EventSink sink, int from, int to) {
    for (int i = from; i < to; i++) {
      sink.accept(event(i));
    }
  }

  private static Event event(long number) {
    return Event.of("s", "t", Event.Severity.INFO, number, "m");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
