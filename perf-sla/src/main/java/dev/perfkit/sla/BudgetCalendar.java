package dev.perfkit.sla;

import java.time.Duration;
import java.time.Instant;

/**
 * Where in a ledger the calendar's present period begins, and the one before. The ledger goes by
 * the monotonic clock; the wall clock only says when a period is over, to the second. A wall clock
 * that is set back does not bring a period back; one that skips a period leaves none to expect
 * from. For one thread at a time.
 */
final class BudgetCalendar {

  private static final long UNKNOWN = Long.MIN_VALUE;

  private final CalendarPeriod period;
  private final Ledger ledger;
  private Instant start = Instant.MIN;
  private Instant end = Instant.MIN;
  private boolean whole;
  private long from;
  private long previousFrom = UNKNOWN;

  BudgetCalendar(CalendarPeriod period, Ledger ledger) {
    this.period = period;
    this.ledger = ledger;
    this.from = ledger.start();
  }

  /** Notes what time it is, which is the time of the newest edge. */
  void advance(long now, long epochMillis) {
    Instant moment = Instant.ofEpochMilli(epochMillis);
    if (end.equals(Instant.MIN)) {
      begin(now, moment);
    } else if (!moment.isBefore(end)) {
      turn(now, moment);
    }
  }

  /** Returns the time from which the present period is known. */
  long from() {
    return from;
  }

  /** Returns whether the period before was seen whole. */
  boolean hasPrevious() {
    return previousFrom != UNKNOWN;
  }

  /** Returns when the period before began. */
  long previousFrom() {
    return previousFrom;
  }

  /** Returns how long the present period still lasts. */
  Duration left(long epochMillis) {
    Duration left = Duration.between(Instant.ofEpochMilli(epochMillis), end);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** What a ledger already knows may reach back to the start of this period and the one before. */
  private void begin(long now, Instant moment) {
    start = period.start(moment);
    end = period.end(moment);
    long started = now - Durations.saturatedNanos(Duration.between(start, moment));
    whole = started >= ledger.start();
    from = whole ? pinned(started) : ledger.start();
    Instant before = period.start(start.minusMillis(1));
    long startedBefore = now - Durations.saturatedNanos(Duration.between(before, moment));
    previousFrom = startedBefore >= ledger.start() ? pinned(startedBefore) : UNKNOWN;
  }

  private void turn(long now, Instant moment) {
    boolean next = moment.isBefore(period.end(end));
    if (hasPrevious()) {
      ledger.unpin(previousFrom);
    }
    previousFrom = next && whole ? from : UNKNOWN;
    if (previousFrom == UNKNOWN && whole) {
      ledger.unpin(from);
    }
    start = period.start(moment);
    end = period.end(moment);
    whole = next;
    from = next ? pinned(now) : now;
  }

  private long pinned(long time) {
    int edge = ledger.nearest(time);
    ledger.pin(edge);
    return ledger.time(edge);
  }
}
