package dev.perfkit.sla;

import java.time.Duration;

/**
 * One rule at work on one subject. Between its two limits it stays as it was. Without a number the
 * time beyond the limit begins anew; what fires is held for a while and has no data then. Judged by
 * one thread at a time, read by any.
 */
final class ThresholdState {

  private static final long NEVER = Long.MIN_VALUE;
  private static final long SHORTEST_HOLD = Duration.ofMinutes(1).toNanos();

  private final AlertRule rule;
  private final long lastingNanos;
  private boolean fired;
  private long beyondSince = NEVER;
  private long emptySince = NEVER;
  private volatile Alert.State state = Alert.State.NO_DATA;
  private volatile double value = Double.NaN;

  ThresholdState(AlertRule rule) {
    this.rule = rule;
    this.lastingNanos = rule.lasting().toNanos();
  }

  /** Returns what it says: RESOLVED if it is quiet, NO_DATA if nobody can tell. */
  Alert.State state() {
    return state;
  }

  /** Returns the newest number, not a number if there was none. */
  double value() {
    return value;
  }

  /** Returns for how long there was no number. */
  long emptyNanos(long now) {
    return emptySince == NEVER ? 0 : now - emptySince;
  }

  /** Returns whether it has fired and was not resolved. */
  boolean hasFired() {
    return fired;
  }

  /**
   * Judges a number.
   *
   * @param number not a number if there is none
   * @return whether there is an alert, or has been until now
   */
  boolean judge(long now, double number) {
    value = number;
    if (Double.isNaN(number)) {
      judgeNothing(now);
      return fired;
    }
    boolean before = fired;
    emptySince = NEVER;
    beyondSince = rule.isBeyond(number) ? (beyondSince == NEVER ? now : beyondSince) : NEVER;
    fired = before ? !rule.isClear(number) : hasLasted(now);
    state = fired ? Alert.State.FIRING : Alert.State.RESOLVED;
    return before || fired;
  }

  private boolean hasLasted(long now) {
    return beyondSince != NEVER && now - beyondSince >= lastingNanos;
  }

  private void judgeNothing(long now) {
    beyondSince = NEVER;
    emptySince = emptySince == NEVER ? now : emptySince;
    boolean held = fired && now - emptySince < Math.max(lastingNanos, SHORTEST_HOLD);
    state = held ? state : Alert.State.NO_DATA;
  }
}
