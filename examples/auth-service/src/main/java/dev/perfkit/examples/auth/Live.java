package dev.perfkit.examples.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.http.HttpResponseException;
import io.javalin.http.sse.SseClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Tells each listener once a second what the service does, as server-sent events. */
final class Live implements AutoCloseable {

  /** Each may hold up a thread for as long as it does not read. */
  private static final int MAX_LISTENERS = 8;

  private final Stack stack;
  private final ObjectMapper json;
  private final AtomicInteger listeners = new AtomicInteger();
  private final AtomicInteger threads = new AtomicInteger();
  private final ScheduledExecutorService timer;

  /**
   * What an event says.
   *
   * @param number of the event in its stream, from 1
   * @param figures by name, as a page shows them
   */
  record Now(long number, Map<String, String> figures, List<Part> components) {}

  /** The health of one component. */
  record Part(String kind, String name, String status, String reason) {}

  Live(Stack stack, ObjectMapper json) {
    this.stack = stack;
    this.json = json;
    this.timer =
        Executors.newScheduledThreadPool(
            MAX_LISTENERS,
            task -> {
              Thread thread = new Thread(task, "auth-service-live-" + threads.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Adds a listener until it goes away.
   *
   * @throws HttpResponseException if there are too many
   */
  void join(SseClient client) {
    if (listeners.incrementAndGet() > MAX_LISTENERS) {
      listeners.decrementAndGet();
      throw new HttpResponseException(503, "at most " + MAX_LISTENERS + " may listen at a time");
    }
    AtomicLong number = new AtomicLong();
    client.keepAlive();
    ScheduledFuture<?> telling =
        timer.scheduleWithFixedDelay(
            () -> tell(client, number.incrementAndGet()), 0, 1, TimeUnit.SECONDS);
    client.onClose(
        () -> {
          if (telling.cancel(false)) {
            listeners.decrementAndGet();
          }
        });
  }

  private void tell(SseClient client, long number) {
    try {
      Now now = new Now(number, stack.figures(), stack.parts());
      client.sendEvent("figures", json.writeValueAsString(now));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("records of strings always have a JSON form", impossible);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
