package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.util.List;

/**
 * Which burn alerts an objective has. Immutable.
 *
 * <p>The standard ones are, for a period of 28 to 31 days, pages at a burn rate over 14.4 in 1 h
 * and 5 min and over 6 in 6 h and 30 min, tickets over 3 in 1 d and 2 h and over 1 in 3 d and 6 h.
 * For another period both windows are scaled by its share of 30 days, the short one to no less than
 * 1 minute. A standard tier that could never fire for an objective is left out, and {@link
 * Slo#description} says why; a tier that was asked for is refused then.
 */
@Beta
public final class BurnAlerts {

  private static final BurnAlerts STANDARD = new BurnAlerts(List.of(), true);
  private static final BurnAlerts NONE = new BurnAlerts(List.of(), false);

  private final List<BurnTier> tiers;
  private final boolean standard;

  private BurnAlerts(List<BurnTier> tiers, boolean standard) {
    this.tiers = tiers;
    this.standard = standard;
  }

  /** Returns the standard tiers, scaled to the objective's period. */
  public static BurnAlerts standard() {
    return STANDARD;
  }

  /** Returns no tiers. */
  public static BurnAlerts none() {
    return NONE;
  }

  /**
   * Returns exactly these tiers. Whether each can fire is checked when a service gets the
   * objective.
   */
  public static BurnAlerts of(BurnTier... tiers) {
    return new BurnAlerts(List.of(tiers), false);
  }

  boolean isStandard() {
    return standard;
  }

  /** Returns the tiers that were asked for. */
  List<BurnTier> tiers() {
    return tiers;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BurnAlerts that
        && standard == that.standard
        && tiers.equals(that.tiers);
  }

  @Override
  public int hashCode() {
    return tiers.hashCode() * 2 + (standard ? 1 : 0);
  }

  @Override
  public String toString() {
    return standard ? "BurnAlerts[standard]" : "BurnAlerts" + tiers;
  }
}
