package dev.perfkit.testkit.conformance;

import static dev.perfkit.testkit.conformance.KitRun.assertCaught;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.testkit.RecordingEvents;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Proves that every event sink of the SPI and the testkit conforms, and that the kit catches the
 * mistakes a sink is likely to have.
 */
class EventSinkConformanceTest {

  @Nested
  class None extends EventSinkConformance {

    @Override
    protected Subject create() {
      return new Seen(EventSink.none(), List::of);
    }
  }

  @Nested
  class Recording extends EventSinkConformance {

    Recording() {
      super(Capability.DELIVERS, Capability.KEEPS_ORDER);
    }

    @Override
    protected Subject create() {
      RecordingEvents events = RecordingEvents.create();
      return new Seen(events, events::events);
    }
  }

  @Nested
  class Guarded extends EventSinkConformance {

    Guarded() {
      super(Capability.DELIVERS, Capability.KEEPS_ORDER);
    }

    @Override
    protected Subject create() {
      RecordingEvents events = RecordingEvents.create();
      EventSink guarded =
          EventSink.guarded(
              events,
              failure -> {
                throw new AssertionError(failure);
              });
      return new Seen(guarded, events::events);
    }
  }

  @Nested
  class Queued extends EventSinkConformance {

    private final ExecutorService executor = Executors.newFixedThreadPool(4);
    private final CountDownLatch end = new CountDownLatch(1);

    Queued() {
      super(Capability.DELIVERS, Capability.KEEPS_ORDER);
    }

    @AfterEach
    void stop() {
      end.countDown();
      executor.shutdownNow();
    }

    @Override
    protected Subject create() {
      RecordingEvents events = RecordingEvents.create();
      Queue<Event> accepted = new ArrayDeque<>();
      EventSink queued =
          EventSink.queued(
              events,
              executor,
              100,
              count -> {
                throw new AssertionError(count + " dropped");
              });
      EventSink counting =
          event -> {
            synchronized (accepted) {
              accepted.add(event);
            }
            queued.accept(event);
          };
      return new Seen(
          counting,
          () -> {
            await().until(() -> events.events().size() >= accepted.size());
            return events.events();
          });
    }

    @Override
    protected Subject createStalled() {
      EventSink stalled = EventSink.queued(event -> awaitEnd(), executor, 100, count -> {});
      return new Seen(stalled, List::of);
    }

    private void awaitEnd() {
      try {
        end.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void kit_waitsForRoom_fails() {
    assertCaught(WaitsForRoom.class, "accept_burstThatNobodyTakes_returnsInTime");
  }

  @Test
  void kit_listWithoutLock_fails() {
    assertCaught(NotThreadSafe.class, "accept_manyThreads_eachEventArrivesOnce");
  }

  @Test
  void kit_equalEventsMerged_fails() {
    assertCaught(MergesEqual.class, "accept_sameEventTwice_arrivesTwice");
  }

  @Test
  void kit_detailsLost_fails() {
    assertCaught(LosesDetails.class, "accept_everySeverityAndDetails_arriveUnchanged");
  }

  @Test
  void kit_newestFirst_fails() {
    assertCaught(NewestFirst.class, "accept_manyThreads_keepsTheOrderOfEach");
  }

  private record Seen(EventSink sink, Supplier<List<Event>> seen)
      implements EventSinkConformance.Subject {

    @Override
    public List<Event> delivered() {
      return seen.get();
    }
  }

  static class WaitsForRoom extends EventSinkConformance {
    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }

    @Override
    protected Subject create() {
      BlockingQueue<Event> queue = new ArrayBlockingQueue<>(1_000);
      return new Seen(
          event -> {
            try {
              // A bounded wait, so that the test of the test ends soon.
              if (!queue.offer(event, 30, TimeUnit.SECONDS)) {
                throw new AssertionError("waited in vain");
              }
            } catch (InterruptedException stopped) {
              Thread.currentThread().interrupt();
            }
          },
          List::of);
    }
  }

  static class NotThreadSafe extends EventSinkConformance {

    NotThreadSafe() {
      super(Capability.DELIVERS);
    }

    @Override
    protected Subject create() {
      List<Event> events = new ArrayList<>();
      return new Seen(
          event -> {
            List<Event> copy = new ArrayList<>(events);
            LockSupport.parkNanos(1);
            copy.add(event);
            events.clear();
            events.addAll(copy);
          },
          () -> events);
    }

    @Override
    protected Subject createStalled() {
      return new Seen(EventSink.none(), List::of);
    }
  }

  static class MergesEqual extends EventSinkConformance {

    MergesEqual() {
      super(Capability.DELIVERS, Capability.KEEPS_ORDER);
    }

    @Override
    protected Subject create() {
      var events = Collections.synchronizedSet(new LinkedHashSet<Event>());
      return new Seen(events::add, () -> List.copyOf(events));
    }
  }

  static class LosesDetails extends EventSinkConformance {

    LosesDetails() {
      super(Capability.DELIVERS);
    }

    @Override
    protected Subject create() {
      RecordingEvents events = RecordingEvents.create();
      return new Seen(
          event ->
              events.accept(
                  Event.of(
                      event.source(),
                      event.type(),
                      event.severity(),
                      event.epochMillis(),
                      event.message())),
          events::events);
    }
  }

  static class NewestFirst extends EventSinkConformance {

    NewestFirst() {
      super(Capability.DELIVERS, Capability.KEEPS_ORDER);
    }

    @Override
    protected Subject create() {
      RecordingEvents events = RecordingEvents.create();
      return new Seen(
          events,
          () -> {
            List<Event> reversed = new ArrayList<>(events.events());
            Collections.reverse(reversed);
            return reversed;
          });
    }
  }
}
