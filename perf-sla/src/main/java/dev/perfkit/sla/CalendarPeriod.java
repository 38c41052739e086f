package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;
import java.util.Objects;

/**
 * A period of the calendar, such as the month in Berlin. It begins at the first moment of its first
 * day in the zone, so one with a change of the clocks is an hour longer or shorter.
 *
 * @param unit what of the calendar
 * @param zone whose calendar
 */
@Beta
public record CalendarPeriod(Unit unit, ZoneId zone) {

  /** What of the calendar. */
  public enum Unit {
    /** From midnight to midnight. */
    DAY(1),
    /** From Monday on. */
    WEEK(7),
    /** From the first of the month on. */
    MONTH(30),
    /** From the first of January, April, July or October on. */
    QUARTER(91),
    /** From the first of January on. */
    YEAR(365);

    private final int days;

    Unit(int days) {
      this.days = days;
    }
  }

  /** Checks that nothing is null. */
  public CalendarPeriod {
    Objects.requireNonNull(unit, "unit");
    Objects.requireNonNull(zone, "zone");
  }

  /** Returns the usual length: 1, 7, 30, 91 or 365 days. */
  public Duration nominal() {
    return Duration.ofDays(unit.days);
  }

  /** Returns when the period began that a moment lies in. */
  public Instant start(Instant moment) {
    return firstMoment(firstDay(moment.atZone(zone).toLocalDate()));
  }

  /** Returns when the period ends, and the next begins, that a moment lies in. */
  public Instant end(Instant moment) {
    LocalDate first = firstDay(moment.atZone(zone).toLocalDate());
    return firstMoment(
        switch (unit) {
          case DAY -> first.plusDays(1);
          case WEEK -> first.plusWeeks(1);
          case MONTH -> first.plusMonths(1);
          case QUARTER -> first.plusMonths(3);
          case YEAR -> first.plusYears(1);
        });
  }

  /** Returns unit and zone, such as {@code month Europe/Berlin}. */
  @Override
  public String toString() {
    return unit.name().toLowerCase(Locale.ROOT) + " " + zone;
  }

  private LocalDate firstDay(LocalDate day) {
    return switch (unit) {
      case DAY -> day;
      case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
      case MONTH -> day.withDayOfMonth(1);
      case QUARTER -> day.with(IsoFields.DAY_OF_QUARTER, 1);
      case YEAR -> day.withDayOfYear(1);
    };
  }

  private Instant firstMoment(LocalDate day) {
    return day.atStartOfDay(zone).toInstant();
  }
}
