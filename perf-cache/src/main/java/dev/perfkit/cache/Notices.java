package dev.perfkit.cache;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.TimeSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a cache tells its host: events, and a log line where nobody listens to them. */
final class Notices {

  private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);
  private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

  private final String cache;
  private final EventSink events;
  private final TimeSource time;
  private final AtomicLong nextLine;

  Notices(String cache, EventSink events, TimeSource time) {
    this.cache = cache;
    this.events = events;
    this.time = time;
    this.nextLine = new AtomicLong(time.nanoTime());
  }

  /** Tells of something that happened once. */
  void tell(String type, Event.Severity severity, String message) {
    events.accept(event(type, severity, message));
  }

  /** Tells that what memory had of a shard was dropped, as it may have missed invalidations. */
  void dropped(int shard, Shard.Position from, Shard.Position to) {
    String message =
        "what memory holds of shard " + shard + " was dropped: it may have missed invalidations";
    events.accept(
        event("memory-dropped", Event.Severity.INFO, message)
            .with("shard", Integer.toString(shard))
            .with("from", from.toString())
            .with("to", to.toString()));
  }

  private Event event(String type, Event.Severity severity, String message) {
    if (severity == Event.Severity.INFO) {
      LOG.info("cache '{}': {}", cache, message);
    } else {
      LOG.warn("cache '{}': {}", cache, message);
    }
    return Event.of(
        "cache/" + cache,
        type,
        severity,
        time.currentTimeMillis(),
        "cache '" + cache + "': " + message);
  }

  /** Logs a failure that may come often; one line a minute, with the class alone. */
  void failed(String what, Throwable failure) {
    long now = time.nanoTime();
    long next = nextLine.get();
    if (now - next >= 0 && nextLine.compareAndSet(next, now + PAUSE)) {
      LOG.warn(
          "cache '{}': {} ({}); further ones are only counted for a minute",
          cache,
          what,
          failure.getClass().getName());
    }
  }
}
