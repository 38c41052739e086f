package dev.perfkit.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What every {@link EventSink} must do: take events from any number of threads at once without
 * blocking or failing them and, as far as it is capable, deliver each one, unchanged and in order.
 */
@Beta
public abstract class EventSinkConformance {

  /** What a sink does beyond taking events. */
  public enum Capability {
    /** Every event of a small number arrives, exactly once and unchanged. */
    DELIVERS,
    /** The events of one thread arrive in the order that thread sent them. */
    KEEPS_ORDER
  }

  /** A sink and a look behind it. */
  public interface Subject {

    /** Returns the sink under test. */
    EventSink sink();

    /**
     * Returns what has arrived, in order; waits first until everything that was accepted has. Empty
     * for a sink that does not deliver.
     */
    List<Event> delivered();
  }

  /** More events than any queue should hold: a sink that waits for room would hang. */
  private static final int BURST = 100_000;

  private static final int THREADS = 4;
  private static final int EACH = 25;

  private final Set<Capability> capabilities;

  /**
   * For subclasses.
   *
   * @param capabilities what the sink does; what it does not is not tested
   */
  protected EventSinkConformance(Capability... capabilities) {
    this.capabilities = Set.of(capabilities);
  }

  /**
   * Makes a fresh sink, able to hold at least 100 undelivered events; called once for each test.
   */
  protected abstract Subject create();

  /**
   * Makes a sink that nothing takes events away from: its receiver stands still. By default any
   * fresh sink, which is right for those that hand nothing to another thread.
   */
  protected Subject createStalled() {
    return create();
  }

  /** Returns how long the kit waits before it fails; shorter where it is to fail. */
  Duration patience() {
    return Together.AT_MOST;
  }

  @Test
  final void accept_burstThatNobodyTakes_returnsInTime() {
    EventSink sink = createStalled().sink();
    Together.inTime(
        "accept of " + BURST + " events",
        patience(),
        () -> {
          for (int i = 0; i < BURST; i++) {
            sink.accept(event(0, i));
          }
        });
  }

  @Test
  final void accept_everySeverityAndDetails_arriveUnchanged() {
    Subject subject = create();
    List<Event> sent = new ArrayList<>();
    for (Event.Severity severity : Event.Severity.values()) {
      Event plain = Event.of("conformance/kit", "told", severity, 1, "Something happened.");
      sent.addAll(List.of(plain, plain.with("b", "1").with("a", "2")));
    }
    sent.forEach(subject.sink()::accept);
    assumeTrue(capabilities.contains(Capability.DELIVERS));
    assertThat(subject.delivered()).containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  final void accept_sameEventTwice_arrivesTwice() {
    assumeTrue(capabilities.contains(Capability.DELIVERS));
    Subject subject = create();
    subject.sink().accept(event(0, 0));
    subject.sink().accept(event(0, 0));
    assertThat(subject.delivered()).containsExactly(event(0, 0), event(0, 0));
  }

  @Test
  final void accept_manyThreads_eachEventArrivesOnce() {
    Subject subject = create();
    sendFromManyThreads(subject);
    assumeTrue(capabilities.contains(Capability.DELIVERS));
    List<Event> expected = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      expected.addAll(events(thread));
    }
    assertThat(subject.delivered()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  final void accept_manyThreads_keepsTheOrderOfEach() {
    assumeTrue(capabilities.contains(Capability.KEEPS_ORDER));
    Subject subject = create();
    sendFromManyThreads(subject);
    List<Event> delivered = subject.delivered();
    for (int thread = 0; thread < THREADS; thread++) {
      String source = event(thread, 0).source();
      assertThat(delivered)
          .filteredOn(event -> event.source().equals(source))
          .isEqualTo(events(thread));
    }
  }

  private static void sendFromManyThreads(Subject subject) {
    Together.run(THREADS, thread -> () -> events(thread).forEach(subject.sink()::accept));
  }

  private static List<Event> events(int thread) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      events.add(event(thread, i));
    }
    return events;
  }

  private static Event event(int thread, int number) {
    return Event.of(
        "conformance/" + thread, "told", Event.Severity.INFO, number, "Number " + number + ".");
  }
}
