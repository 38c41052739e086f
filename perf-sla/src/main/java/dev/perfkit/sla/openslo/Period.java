package dev.perfkit.sla.openslo;

import dev.perfkit.sla.CalendarPeriod;
import dev.perfkit.sla.Slo;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads periods and other durations. */
final class Period {

  private static final Pattern SHORTHAND = Pattern.compile("([1-9][0-9]{0,6})([smhdwMQY])");
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
  private static final Map<String, CalendarPeriod.Unit> UNITS =
      Map.of(
          "1d", CalendarPeriod.Unit.DAY,
          "1w", CalendarPeriod.Unit.WEEK,
          "1M", CalendarPeriod.Unit.MONTH,
          "1Q", CalendarPeriod.Unit.QUARTER,
          "1Y", CalendarPeriod.Unit.YEAR);

  private static final Map<String, Duration> FIXED =
      Map.of(
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7));

  private Period() {}

  /** Reads a list of one time window; returns what sets it; null if there was a problem. */
  static @Nullable UnaryOperator<Slo> read(Field windows) {
    List<Field> items = windows.items();
    if (items.size() != 1) {
      windows.complain("must have exactly one time window");
      return null;
    }
    Field window = items.get(0);
    Map<String, Field> members = window.members(Set.of("duration", "isRolling", "calendar"));
    Field duration = members.get("duration");
    if (duration == null) {
      window.missing("duration");
      return null;
    }
    Field rolling = members.get("isRolling");
    boolean isRolling = rolling != null && Boolean.TRUE.equals(rolling.flag());
    Field calendar = members.get("calendar");
    if (isRolling == (calendar != null)) {
      window.complain("must have either isRolling: true or calendar");
      return null;
    }
    return calendar == null ? rolling(duration) : calendar(duration, calendar);
  }

  /** Reads a duration such as 5m; years, quarters and months have no fixed length. */
  static @Nullable Duration duration(Field field) {
    String text = field.text();
    Matcher matcher = SHORTHAND.matcher(text == null ? "" : text);
    if (text != null && matcher.matches()) {
      Duration unit = FIXED.get(matcher.group(2));
      if (unit == null) {
        field.complain("must be of fixed length (s, m, h, d, w) here but was " + text);
        return null;
      }
      return unit.multipliedBy(Long.parseLong(matcher.group(1)));
    }
    if (text != null) {
      field.complain("must be a number and s, m, h, d or w but was " + Field.shown(text));
    }
    return null;
  }

  private static @Nullable UnaryOperator<Slo> rolling(Field field) {
    Duration duration = duration(field);
    return duration == null ? null : slo -> slo.over(duration);
  }

  private static @Nullable UnaryOperator<Slo> calendar(Field duration, Field calendar) {
    String text = duration.text();
    CalendarPeriod.Unit unit = text == null ? null : UNITS.get(text);
    if (unit == null) {
      duration.complain("must be 1d, 1w, 1M, 1Q or 1Y with a calendar");
      return null;
    }
    Map<String, Field> members = calendar.members(Set.of("startTime", "timeZone"));
    Field start = members.get("startTime");
    Field zone = members.get("timeZone");
    if (start == null || zone == null) {
      calendar.missing(start == null ? "startTime" : "timeZone");
      return null;
    }
    ZoneId id = zone(zone);
    if (id == null || !isStart(start, new CalendarPeriod(unit, id))) {
      return null;
    }
    return slo -> slo.calendar(unit, id);
  }

  private static @Nullable ZoneId zone(Field field) {
    String text = field.text();
    try {
      return text == null ? null : ZoneId.of(text);
    } catch (DateTimeException unknown) {
      field.complain("must be a time zone but was " + Field.shown(String.valueOf(text)));
      return null;
    }
  }

  private static boolean isStart(Field field, CalendarPeriod period) {
    String text = field.text();
    if (text == null) {
      return false;
    }
    try {
      Instant moment = LocalDateTime.parse(text, LOCAL).atZone(period.zone()).toInstant();
      if (moment.equals(period.start(moment))) {
        return true;
      }
      field.complain("must be when a " + period + " begins but was " + Field.shown(text));
    } catch (DateTimeException malformed) {
      field.complain("must be like 2026-01-01 00:00:00 but was " + Field.shown(text));
    }
    return false;
  }
}
