package dev.perfkit.testkit;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An event sink that remembers every event, in order. Safe for use by any number of threads. */
@Beta
public final class RecordingEvents implements EventSink {

  private final Queue<Event> events = new ConcurrentLinkedQueue<>();

  private RecordingEvents() {}

  /** Returns one without any events. */
  public static RecordingEvents create() {
    return new RecordingEvents();
  }

  @Override
  public void accept(Event event) {
    events.add(Objects.requireNonNull(event, "event"));
  }

  /** Returns the events so far, in the order they came; unmodifiable. */
  public List<Event> events() {
    return List.copyOf(events);
  }

  /** Returns the events of one type so far, in the order they came; unmodifiable. */
  public List<Event> events(String type) {
    return events.stream().filter(event -> event.type().equals(type)).toList();
  }

  /** Returns the types of the events so far, in the order they came; unmodifiable. */
  public List<String> types() {
    return events.stream().map(Event::type).toList();
  }

  @Override
  public String toString() {
    return "RecordingEvents" + events;
  }
}
