package dev.perfkit.crypto;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.Event.Severity;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.TimeSource;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Turns any number of failures into one event a minute at most: the first at once, those that
 * follow within the minute with the first after it, or when the cipher closes. So that neither a
 * flood of forged ciphertexts nor a lost key floods whoever receives events.
 */
final class FailureReports<R extends Enum<R>> {

  static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String source;
  private final String type;
  private final String sentence;
  private final Severity severity;
  private final EventSink events;
  private final TimeSource time;
  private final Map<R, LongAdder> pending;
  private final AtomicLong due;

  FailureReports(
      String source,
      String type,
      String sentence,
      Severity severity,
      Class<R> reasons,
      EventSink events,
      TimeSource time) {
    this.source = source;
    this.type = type;
    this.sentence = sentence;
    this.severity = severity;
    this.events = events;
    this.time = time;
    this.due = new AtomicLong(time.nanoTime());
    this.pending = new EnumMap<>(reasons);
    for (R reason : reasons.getEnumConstants()) {
      pending.put(reason, new LongAdder());
    }
  }

  void note(R reason) {
    Objects.requireNonNull(pending.get(reason)).increment();
    long now = time.nanoTime();
    long next = due.get();
    if (now - next >= 0 && due.compareAndSet(next, now + WINDOW_NANOS)) {
      flush();
    }
  }

  /** Reports what was not reported yet, if anything. */
  void flush() {
    Event event = Event.of(source, type, severity, time.currentTimeMillis(), sentence);
    boolean any = false;
    for (Map.Entry<R, LongAdder> entry : pending.entrySet()) {
      long count = entry.getValue().sumThenReset();
      if (count > 0) {
        any = true;
        event = event.with(word(entry.getKey()), Long.toString(count));
      }
    }
    if (any) {
      events.accept(event);
    }
  }

  /** Returns a reason as a tag or a detail shows it. */
  static String word(Enum<?> reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }
}
