package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Proves that a failing sink never reaches the code that tells an event. */
class EventSinkTest {

  private static final Event EVENT = Event.of("s", "t", Event.Severity.INFO, 0, "m");

  @Test
  void none_event_isDropped() {
    EventSink.none().accept(EVENT);
  }

  @Test
  void guarded_delegateWorks_passesTheEventOn() {
    List<Event> events = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    EventSink.guarded(events::add, failures::add).accept(EVENT);
    assertThat(events).containsExactly(EVENT);
    assertThat(failures).isEmpty();
  }

  @Test
  void guarded_delegateFails_tellsTheCallback() {
    List<Throwable> failures = new ArrayList<>();
    EventSink guarded =
        EventSink.guarded(
            event -> {
              throw new AssertionError("sink");
            },
            failures::add);
    guarded.accept(EVENT);
    guarded.accept(EVENT);
    assertThat(failures).extracting(Throwable::getMessage).containsExactly("sink", "sink");
  }

  @Test
  void guarded_callbackFails_isDropped() {
    EventSink.guarded(
            event -> {
              throw new IllegalStateException("sink");
            },
            failure -> {
              throw new IllegalStateException("callback");
            })
        .accept(EVENT);
  }

  @Test
  void guarded_virtualMachineFails_isNotHidden() {
    EventSink guarded =
        EventSink.guarded(
            event -> {
              throw new OutOfMemoryError("sink");
            },
            failure -> {});
    assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> guarded.accept(EVENT));
  }

  @Test
  void queued_noCapacity_isRefused() {
    for (int capacity : new int[] {0, -1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> EventSink.queued(event -> {}, Runnable::run, capacity, count -> {}))
          .withMessage("capacity must be at least 1 but was " + capacity);
    }
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void wrappers_null_isRefused() {
    assertThatNullPointerException().isThrownBy(() -> EventSink.guarded(null, failure -> {}));
    assertThatNullPointerException().isThrownBy(() -> EventSink.guarded(event -> {}, null));
    assertThatNullPointerException()
        .isThrownBy(() -> EventSink.queued(null, Runnable::run, 1, count -> {}));
    assertThatNullPointerException()
        .isThrownBy(() -> EventSink.queued(event -> {}, null, 1, count -> {}));
    assertThatNullPointerException()
        .isThrownBy(() -> EventSink.queued(event -> {}, Runnable::run, 1, null));
  }
}
