package dev.perfkit.sla;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import java.util.List;
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
  private final List<EventSink> events;
  private final Map<String, String> messages = new ConcurrentHashMap<>();
  private final Queue<Event> told = new ConcurrentLinkedQueue<>();
  private final Queue<String> unsent = new ConcurrentLinkedQueue<>();

  Notices(String monitor, List<EventSink> events) {
    this.monitor = monitor;
    this.events =
        events.stream()
            .map(it -> EventSink.guarded(it, failure -> failed("event sink", failure)))
            .toList();
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
      told.add(Event.of(source(), type, severity, epochMillis, message));
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

  /** Sends an event; its failure is logged once. */
  void send(Event event) {
    events.forEach(sink -> sink.accept(event));
  }

  String source() {
    return "sla/" + monitor;
  }

  /** Sends what was done with an exclusion. */
  void send(long epochMillis, String type, Exclusion exclusion) {
    String services = exclusion.services().isEmpty() ? "all" : exclusion.services().toString();
    log.info("monitor '{}': {} by {}: {}", monitor, type, exclusion.author(), exclusion.reason());
    send(
        Event.of(source(), type, Event.Severity.INFO, epochMillis, exclusion.reason())
            .with("from", exclusion.from().toString())
            .with("to", exclusion.to().toString())
            .with("author", exclusion.author())
            .with("services", services));
  }

  /** Sends what was done with a silence. */
  void send(long epochMillis, String type, Silence silence) {
    log.info("monitor '{}': {} by {}: {}", monitor, type, silence.author(), silence.reason());
    send(
        Event.of(source(), type, Event.Severity.INFO, epochMillis, silence.reason())
            .with("service", silence.service())
            .with("objective", silence.objective())
            .with("rule", silence.rule())
            .with("until", silence.until().toString())
            .with("author", silence.author()));
  }

  /** Sends what was not sent. */
  void send(long epochMillis) {
    for (String type = unsent.poll(); type != null; type = unsent.poll()) {
      String message = messages.getOrDefault(type, type);
      send(Event.of(source(), type, Event.Severity.WARNING, epochMillis, message));
    }
    for (Event event = told.poll(); event != null; event = told.poll()) {
      send(event);
    }
  }
}
