package dev.perfkit.sla;

import dev.perfkit.spi.Event;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Makes the alerts of one service, with the words and numbers that a person needs. */
final class AlertText {

  private static final MathContext THREE_DIGITS = new MathContext(3);

  /** Counts are of this process unless somebody merged them. */
  static final String SCOPE = "process";

  private final String service;

  AlertText(String service) {
    this.service = service;
  }

  /** Returns what a tier says. */
  Alert burn(Slo slo, BurnRule rule, Counts over, Counts recent, long epochMillis) {
    BurnTier tier = rule.tier();
    Map<String, String> values = new LinkedHashMap<>();
    values.put("factor", Double.toString(tier.factor()));
    put(values, "long", rule, tier.longWindow(), over);
    put(values, "short", rule, tier.shortWindow(), recent);
    values.put("scope", SCOPE);
    return new Alert(
        service + "/" + slo.name() + "/" + tier.name(),
        service,
        slo.name(),
        tier.name(),
        tier.severity(),
        rule.state(),
        Instant.ofEpochMilli(epochMillis),
        message(slo, rule, over, recent),
        values);
  }

  /** Returns what the absence of requests says. */
  Alert absence(Alert.State state, Duration silence, long epochMillis) {
    String message =
        state == Alert.State.RESOLVED
            ? "service '" + service + "' has requests again, after " + Durations.rounded(silence)
            : "service '"
                + service
                + "' had no request for "
                + Durations.rounded(silence)
                + " though it usually has, so nobody knows whether its objectives are met";
    return new Alert(
        service + "/requests/" + AbsenceRule.NAME,
        service,
        "requests",
        AbsenceRule.NAME,
        Event.Severity.WARNING,
        state,
        Instant.ofEpochMilli(epochMillis),
        message,
        Map.of("silenceSeconds", Long.toString(silence.toSeconds()), "scope", SCOPE));
  }

  private static void put(
      Map<String, String> values, String which, BurnRule rule, Duration window, Counts counts) {
    values.put(which + "Window", Durations.brief(window));
    values.put(which + "Bad", Long.toString(counts.bad()));
    values.put(which + "Total", Long.toString(counts.total()));
    if (counts.total() > 0) {
      values.put(which + "Burn", number(rule.burn(counts)));
    }
  }

  private String message(Slo slo, BurnRule rule, Counts over, Counts recent) {
    String subject = "error budget of " + slo.name() + " of service '" + service + "' ";
    String events = slo.timeslice().isPresent() ? "timeslices" : "requests";
    String said =
        switch (rule.state()) {
          case FIRING -> "burns too fast";
          case LOW_CONFIDENCE -> "may burn too fast, but there are too few " + events + " to say";
          case NO_DATA -> "burned too fast, and nobody knows whether it still does: no " + events;
          case RESOLVED -> "no longer burns too fast";
        };
    BurnTier tier = rule.tier();
    return subject
        + said
        + "; bad "
        + events
        + ": "
        + part(over, tier.longWindow())
        + " and "
        + part(recent, tier.shortWindow())
        + ", of which "
        + Slo.percent(tier.limit(slo.allowedShare()))
        + " % are tolerated; counted in this process";
  }

  private static String part(Counts counts, Duration window) {
    return counts.bad() + " of " + counts.total() + " in " + Durations.brief(window);
  }

  private static String number(double value) {
    return value >= 100
        ? String.format(Locale.ROOT, "%.0f", value)
        : BigDecimal.valueOf(value).round(THREE_DIGITS).toPlainString();
  }
}
