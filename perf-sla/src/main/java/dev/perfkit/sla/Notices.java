package dev.perfkit.sla;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a person should know about a monitor, each kind of it once: logged at once, and sent as an
 * event by the ticker, so that no host's code runs under a lock or on a thread that records.
 */
final class Notices {

  private static final Logger log = LoggerFactory.getLogger(SlaMonitor.class);

  private static final int MOST_TOLD = 1_000;

  private final String monitor;
  private final EventSink events;
  private final Map<String, String> messages = new ConcurrentHashMap<>();
  private final Queue<Event> told = new ConcurrentLinkedQueue<>();
  private final Queue<String> unsent = new ConcurrentLinkedQueue<>();

  Notices(String monitor, EventSink events) {
    this.monitor = monitor;
    this.events = EventSink.guarded(events, failure -> failed("event sink", failure));
  }

  /** Raises a notice unless there is one of that type. */
  void raise(String type, String message) {
    if (messages.putIfAbsent(type, message) == null) {
      log.warn("monitor '{}': {}; further ones are not logged", monitor, message);
      unsent.add(type);
    }
  }

  /** Has an event sent by the ticker, each time. */
  void tell(String type, Event.Severity severity, String message, long epochMillis) {
    if (told.size() < MOST_TOLD) {
      told.add(Event.of("sla/" + monitor, type, severity, epochMillis, message));
    }
  }

  /** Returns the notice of a type. */
  @Nullable String of(String type) {
    return messages.get(type);
  }

  /** Logs the first failure of a host's code. */
  void failed(String what, Throwable failure) {
    if (messages.putIfAbsent(what + "-failed", what) == null) {
      log.warn(
          "monitor '{}': the {} failed; further failures are not logged", monitor, what, failure);
    }
  }

  /** Sends the change of an alert. */
  void send(Alert alert) {
    events.accept(alert.toEvent("sla/" + monitor));
  }

  /** Sends what was done with an exclusion. */
  void send(long epochMillis, String type, Exclusion exclusion) {
    String services = exclusion.services().isEmpty() ? "all" : exclusion.services().toString();
    log.info("monitor '{}': {} by {}: {}", monitor, type, exclusion.author(), exclusion.reason());
    events.accept(
        Event.of("sla/" + monitor, type, Event.Severity.INFO, epochMillis, exclusion.reason())
            .with("from", exclusion.from().toString())
            .with("to", exclusion.to().toString())
            .with("author", exclusion.author())
            .with("services", services));
  }

  /** Sends what was not sent. */
  void send(long epochMillis) {
    for (String type = unsent.poll(); type != null; type = unsent.poll()) {
      String message = messages.getOrDefault(type, type);
      events.accept(Event.of("sla/" + monitor, type, Event.Severity.WARNING, epochMillis, message));
    }
    for (Event event = told.poll(); event != null; event = told.poll()) {
      events.accept(event);
    }
  }
}
