package dev.perfkit.sla;

import java.math.BigDecimal;

/**
 * One tier at work. It fires when both windows exceed its limit and that is unlikely to be chance;
 * it resolves when data shows that the short one no longer does. While the short window is empty
 * nothing is shown: it holds what it said for the length of that window, then has no data. For one
 * thread at a time.
 */
final class BurnRule {

  private static final long NEVER = Long.MIN_VALUE;

  private final Slo objective;
  private final BurnTier tier;
  private final BigDecimal limit;
  private final long holdNanos;
  private Alert.State state = Alert.State.RESOLVED;
  private long emptySince = NEVER;

  BurnRule(Slo objective, BurnTier tier) {
    this.objective = objective;
    this.tier = tier;
    this.limit = tier.limit(objective.allowedShare());
    this.holdNanos = tier.shortWindow().toNanos();
  }

  BurnTier tier() {
    return tier;
  }

  /** Returns what it said last; RESOLVED if it is quiet. */
  Alert.State state() {
    return state;
  }

  /**
   * Judges what happened up to now.
   *
   * @param over what happened in the long window
   * @param recent what happened in the short window
   */
  Alert.State judge(long now, Counts over, Counts recent) {
    boolean fired = state == Alert.State.FIRING || state == Alert.State.NO_DATA;
    state = fired ? judgeFired(now, recent) : judgeQuiet(over, recent);
    return state;
  }

  /** Returns a burn rate: 1 lasts for the period; not a number without events. */
  double burn(Counts counts) {
    return counts.badShare() / objective.allowedShare().doubleValue();
  }

  private Alert.State judgeQuiet(Counts over, Counts recent) {
    if (!over.exceeds(limit) || !recent.exceeds(limit)) {
      return Alert.State.RESOLVED;
    }
    return BurnPlan.isSure(tier, objective, over.bad(), over.total())
        ? Alert.State.FIRING
        : Alert.State.LOW_CONFIDENCE;
  }

  private Alert.State judgeFired(long now, Counts recent) {
    if (recent.total() == 0) {
      emptySince = emptySince == NEVER ? now : emptySince;
      return now - emptySince >= holdNanos ? Alert.State.NO_DATA : state;
    }
    emptySince = NEVER;
    return recent.exceeds(limit) ? Alert.State.FIRING : Alert.State.RESOLVED;
  }
}
