package dev.perfkit.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Proves that events are kept in order and found by type. */
class RecordingEventsTest {

  @Test
  void events_accepted_areInOrderAndFoundByType() {
    RecordingEvents events = RecordingEvents.create();
    Event opened = event("breaker-opened");
    Event closed = event("breaker-closed");
    List.of(opened, closed, opened).forEach(events::accept);
    assertThat(events.events()).containsExactly(opened, closed, opened);
    assertThat(events.types())
        .containsExactly("breaker-opened", "breaker-closed", "breaker-opened");
    assertThat(events.events("breaker-closed")).containsExactly(closed);
  }

  @Test
  void events_taken_doNotChange() {
    RecordingEvents events = RecordingEvents.create();
    List<Event> taken = events.events();
    events.accept(event("later"));
    assertThat(taken).isEmpty();
  }

  private static Event event(String type) {
    return Event.of("cache/users", type, Event.Severity.INFO, 0, "It happened.");
  }
}
