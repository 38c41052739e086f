package dev.perfkit.sla;

import dev.perfkit.spi.support.Problems;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which burn alerts of an objective can fire, how soon, and why the others cannot. Immutable.
 *
 * <p>A burn rate is the share of bad events divided by the share that may be bad. In a full outage
 * that share grows from 0 to 1 over the long window, so a tier fires after the part of it that
 * factor and allowed share make together; if that is all of it or more, the tier never fires.
 */
final class BurnPlan {

  /** The chance that a page is due to chance, at most: {@value}. */
  static final double PAGE_CHANCE = 1e-5;

  /** The bad events that a ticket needs: {@value}. */
  static final int TICKET_EVENTS = 5;

  private static final Duration LATE = Duration.ofMinutes(15);
  private static final Duration CANONICAL = Duration.ofDays(30);
  private static final Duration CANONICAL_FROM = Duration.ofDays(28);
  private static final Duration CANONICAL_TO = Duration.ofDays(31);

  private final Slo objective;
  private final List<BurnTier> tiers = new ArrayList<>();
  private final List<String> leftOut = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();

  private BurnPlan(Slo objective) {
    this.objective = objective;
  }

  static BurnPlan of(Slo objective) {
    BurnPlan plan = new BurnPlan(objective);
    if (objective.alerts().isStandard()) {
      plan.standard(14.4, Duration.ofHours(1), Duration.ofMinutes(5), true);
      plan.standard(6, Duration.ofHours(6), Duration.ofMinutes(30), true);
      plan.standard(3, Duration.ofDays(1), Duration.ofHours(2), false);
      plan.standard(1, Duration.ofDays(3), Duration.ofHours(6), false);
    }
    for (BurnTier tier : objective.alerts().tiers()) {
      plan.take(tier, plan.refused);
    }
    return plan;
  }

  /** Returns the tiers that can fire. */
  List<BurnTier> tiers() {
    return List.copyOf(tiers);
  }

  /** Returns a line for each standard tier that cannot. */
  List<String> leftOut() {
    return List.copyOf(leftOut);
  }

  /** Notes each tier that was asked for and cannot fire. */
  void check(Problems problems) {
    for (String reason : refused) {
      problems.require(false, "burn alert of " + objective.name(), "be able to fire", reason);
    }
    long names = tiers.stream().map(BurnTier::name).distinct().count();
    problems.require(
        names == tiers.size(),
        "burn alerts of " + objective.name(),
        "have different long windows",
        tiers);
  }

  /** Returns how long a full outage lasts until a tier of this plan fires, in steady traffic. */
  Duration detection(BurnTier tier) {
    Optional<Duration> slice = objective.timeslice();
    if (slice.isPresent()) {
      return slice.get().multipliedBy(slicesNeeded(tier, slice.get()));
    }
    return share(tier.longWindow(), tier.limit(objective.allowedShare()));
  }

  String describe() {
    StringBuilder text = new StringBuilder();
    text.append(objective.name()).append(": ").append(Slo.percent(objective.exactTarget()));
    text.append(" % of ").append(subject()).append(" good over ").append(objective.periodText());
    for (BurnTier tier : tiers) {
      Duration detection = detection(tier);
      text.append('\n').append(tier.pages() ? "page" : "ticket").append(", ").append(tier);
      text.append(": a full outage is told after ").append(Durations.rounded(detection));
      text.append(detection.compareTo(LATE) > 0 ? " (warning: over 15 minutes)" : "");
    }
    leftOut.forEach(line -> text.append("\nleft out, ").append(line));
    return text.toString();
  }

  private String subject() {
    return objective
        .timeslice()
        .map(it -> "timeslices of " + Durations.brief(it))
        .orElse("requests");
  }

  private void standard(double factor, Duration longWindow, Duration shortWindow, boolean page) {
    Duration longScaled = scaled(longWindow);
    Duration shortScaled = scaled(shortWindow);
    Duration shortest = BurnTier.SHORTEST_WINDOW;
    Duration shortUsed = shortScaled.compareTo(shortest) < 0 ? shortest : shortScaled;
    if (longScaled.compareTo(shortUsed) <= 0) {
      leftOut.add(
          "burn over "
              + factor
              + ": its long window of "
              + Durations.brief(longScaled)
              + " is not over the short one of "
              + Durations.brief(shortUsed));
      return;
    }
    take(
        page
            ? BurnTier.page(factor, longScaled, shortUsed)
            : BurnTier.ticket(factor, longScaled, shortUsed),
        leftOut);
  }

  private void take(BurnTier tier, List<String> otherwise) {
    Optional<String> obstacle = obstacle(tier);
    obstacle.ifPresentOrElse(reason -> otherwise.add(tier + ": " + reason), () -> tiers.add(tier));
  }

  /** Returns why a tier cannot fire, or may not be meant. */
  private Optional<String> obstacle(BurnTier tier) {
    BigDecimal most = BigDecimal.ONE.divide(objective.allowedShare(), 1, RoundingMode.HALF_UP);
    if (tier.limit(objective.allowedShare()).compareTo(BigDecimal.ONE) >= 0) {
      return Optional.of(
          "it cannot fire, as a full outage burns at " + most.stripTrailingZeros().toPlainString());
    }
    if (tier.longWindow().compareTo(objective.period()) > 0) {
      return Optional.of("its long window is over the period of " + objective.periodText());
    }
    Optional<Duration> slice = objective.timeslice();
    if (slice.isPresent() && tier.shortWindow().compareTo(slice.get()) < 0) {
      return Optional.of("its short window holds no timeslice of " + Durations.brief(slice.get()));
    }
    if (slice.isPresent() && slicesNeeded(tier, slice.get()) > slices(tier, slice.get())) {
      return Optional.of(
          "it cannot fire, as its long window holds too few timeslices of "
              + Durations.brief(slice.get())
              + " to be sure");
    }
    return Optional.empty();
  }

  /** Returns how many bad timeslices make a tier fire that has only bad ones from now on. */
  private long slicesNeeded(BurnTier tier, Duration slice) {
    long all = slices(tier, slice);
    BigDecimal limit = tier.limit(objective.allowedShare()).multiply(BigDecimal.valueOf(all));
    long needed = limit.setScale(0, RoundingMode.FLOOR).longValueExact() + 1;
    while (needed <= all && !isSure(tier, needed, all)) {
      needed++;
    }
    return needed;
  }

  private boolean isSure(BurnTier tier, long bad, long total) {
    return isSure(tier, objective, bad, total);
  }

  /** Returns whether so many bad events are unlikely to be chance. */
  static boolean isSure(BurnTier tier, Slo objective, long bad, long total) {
    return tier.pages()
        ? BinomialTail.isUnder(PAGE_CHANCE, bad, total, objective.allowedShare().doubleValue())
        : bad >= TICKET_EVENTS;
  }

  private static long slices(BurnTier tier, Duration slice) {
    return tier.longWindow().dividedBy(slice);
  }

  private Duration scaled(Duration window) {
    Duration period = objective.period();
    if (period.compareTo(CANONICAL_FROM) >= 0 && period.compareTo(CANONICAL_TO) <= 0) {
      return window;
    }
    BigDecimal ratio =
        BigDecimal.valueOf(period.toSeconds())
            .multiply(BigDecimal.valueOf(window.toSeconds()))
            .divide(BigDecimal.valueOf(CANONICAL.toSeconds()), 0, RoundingMode.HALF_UP);
    return Duration.ofSeconds(ratio.longValueExact());
  }

  private static Duration share(Duration window, BigDecimal share) {
    return Duration.ofNanos(
        share
            .multiply(BigDecimal.valueOf(window.toNanos()))
            .setScale(0, RoundingMode.CEILING)
            .longValueExact());
  }
}
