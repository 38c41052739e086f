package dev.perfkit.sla;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rules for a Prometheus server that scrapes the exports, with the names and labels that sloth
 * gives: the share of bad requests in each window, what is promised, and burn alerts. A server sums
 * over all processes it scrapes, so these are budgets of the fleet.
 */
final class RulesExport {

  private static final String COUNT = "sla_request_duration_seconds_count";
  private static final String BUCKET = "sla_request_duration_seconds_bucket";
  private static final String RATIO = "slo:sli_error:ratio_rate";
  private static final Duration BASE_WINDOW = Duration.ofMinutes(5);
  private static final BigDecimal DAY_SECONDS = BigDecimal.valueOf(86_400);

  private final Appendable out;
  private final Set<String> ids = new HashSet<>();

  RulesExport(Appendable out) {
    this.out = out;
  }

  void write(String monitor, List<Service> services) throws IOException {
    line(0, "# Made from the objectives of monitor " + quoted(monitor) + ".");
    Workspace scratch = new Workspace();
    StringBuilder leftOut = new StringBuilder();
    boolean any = false;
    for (Service service : services) {
      for (ObjectiveStatus status : service.statuses(scratch)) {
        if (!isAboutRequests(status.objective())) {
          leftOut.append("# Left out, as it counts timeslices: ").append(quoted(service.name()));
          leftOut.append(' ').append(quoted(status.objective().name())).append('\n');
          continue;
        }
        if (!any) {
          line(0, "groups:");
          any = true;
        }
        objective(service.name(), status);
      }
    }
    if (!any) {
      line(0, "groups: []");
    }
    out.append(leftOut);
  }

  private static boolean isAboutRequests(Slo slo) {
    return slo.timeslice().isEmpty();
  }

  private void objective(String service, ObjectiveStatus status) throws IOException {
    Slo slo = status.objective();
    Map<String, String> labels = new TreeMap<>();
    labels.put("sloth_id", id(service + "-" + slo.name()));
    labels.put("sloth_service", service);
    labels.put("sloth_slo", slo.name());
    SortedSet<Duration> windows = windows(slo);
    ratios(service, slo, windows, labels);
    meta(slo, windows.first(), labels);
    List<BurnTier> tiers = status.burns().stream().map(Burn::tier).toList();
    if (!tiers.isEmpty()) {
      group("sloth-slo-alerts-", labels);
      alert("page", tiers.stream().filter(BurnTier::pages).toList(), slo, labels);
      alert("ticket", tiers.stream().filter(tier -> !tier.pages()).toList(), slo, labels);
    }
  }

  /** Two pairs of names may look the same once they are joined; groups need different names. */
  private String id(String joined) {
    String id = joined;
    for (int i = 2; !ids.add(id); i++) {
      id = joined + "-" + i;
    }
    return id;
  }

  /** Dashboards ask for 5 minutes, whether or not an alert does. */
  private static SortedSet<Duration> windows(Slo slo) {
    SortedSet<Duration> windows =
        slo.burnTiers().stream()
            .flatMap(tier -> Stream.of(tier.shortWindow(), tier.longWindow()))
            .collect(Collectors.toCollection(TreeSet::new));
    if (windows.isEmpty() || BASE_WINDOW.compareTo(slo.period()) < 0) {
      windows.add(BASE_WINDOW);
    }
    return windows;
  }

  private void ratios(
      String service, Slo slo, SortedSet<Duration> windows, Map<String, String> labels)
      throws IOException {
    group("sloth-slo-sli-recordings-", labels);
    for (Duration window : windows) {
      String range = "[" + Durations.brief(window) + "]";
      record(ratio(window), bad(service, slo, range) + "\n/\n" + all(service, slo, range));
      labels(with(labels, "sloth_window", Durations.brief(window)));
    }
    String period = Durations.brief(slo.period());
    if (!windows.contains(slo.period())) {
      String base = ratio(windows.first()) + selector(labels) + "[" + period + "]";
      record(
          ratio(slo.period()),
          "sum_over_time(" + base + ")\n/ ignoring (sloth_window)\ncount_over_time(" + base + ")");
      labels(with(labels, "sloth_window", period));
    }
  }

  private void meta(Slo slo, Duration base, Map<String, String> labels) throws IOException {
    group("sloth-slo-meta-recordings-", labels);
    String selector = selector(labels);
    String by = "\n/ on(sloth_id, sloth_slo, sloth_service) group_left\n";
    String budget = "slo:error_budget:ratio" + selector;
    constant("slo:objective:ratio", slo.exactTarget(), labels);
    constant("slo:error_budget:ratio", slo.allowedShare(), labels);
    constant("slo:time_period:days", days(slo.period()), labels);
    record("slo:current_burn_rate:ratio", ratio(base) + selector + by + budget);
    labels(labels);
    record("slo:period_burn_rate:ratio", ratio(slo.period()) + selector + by + budget);
    labels(labels);
    record("slo:period_error_budget_remaining:ratio", "1 - slo:period_burn_rate:ratio" + selector);
    labels(labels);
    record("sloth_slo_info", "vector(1)");
    Map<String, String> info = with(labels, "sloth_mode", "perfkit");
    labels(with(info, "sloth_objective", Slo.percent(slo.exactTarget())));
  }

  private void alert(String severity, List<BurnTier> tiers, Slo slo, Map<String, String> labels)
      throws IOException {
    if (tiers.isEmpty()) {
      return;
    }
    line(2, "- alert: SlaErrorBudgetBurn");
    expression(
        tiers.stream().map(tier -> both(tier, slo, labels)).collect(Collectors.joining("\nor\n")));
    Map<String, String> literal = new TreeMap<>(with(labels, "sloth_severity", severity));
    literal.replaceAll((key, value) -> value.replace("{{", "{{\"{{\"}}"));
    labels(literal);
    line(3, "annotations:");
    line(
        4,
        "summary: "
            + quoted(
                "{{$labels.sloth_service}} {{$labels.sloth_slo}}: the error budget burns too"
                    + " fast."));
    line(
        4,
        "title: "
            + quoted(
                "("
                    + severity
                    + ") {{$labels.sloth_service}} {{$labels.sloth_slo}} burns its error budget too"
                    + " fast."));
  }

  private static String both(BurnTier tier, Slo slo, Map<String, String> labels) {
    return "(\n    "
        + over(tier.shortWindow(), tier, slo, labels)
        + "\n    and\n    "
        + over(tier.longWindow(), tier, slo, labels)
        + "\n)";
  }

  private static String over(Duration window, BurnTier tier, Slo slo, Map<String, String> labels) {
    return "max("
        + ratio(window)
        + selector(labels)
        + " > ("
        + BigDecimal.valueOf(tier.factor()).toPlainString()
        + " * "
        + slo.allowedShare().toPlainString()
        + ")) without (sloth_window)";
  }

  /** A failure within the threshold of a latency objective is neither good nor bad. */
  private static String bad(String service, Slo slo, String range) {
    String of = "service=" + quoted(service);
    return slo.threshold()
        .map(
            limit ->
                "("
                    + rate(COUNT, of, range)
                    + " - "
                    + rate(BUCKET, of + "," + le(limit), range)
                    + ")")
        .orElseGet(() -> "(" + rate(COUNT, of + ",outcome=\"failure\"", range) + ")");
  }

  private static String all(String service, Slo slo, String range) {
    String of = "service=" + quoted(service);
    return slo.threshold()
        .map(
            limit ->
                "("
                    + rate(COUNT, of, range)
                    + " - "
                    + rate(BUCKET, of + ",outcome=\"failure\"," + le(limit), range)
                    + ")")
        .orElseGet(() -> "(" + rate(COUNT, of, range) + ")");
  }

  private static String rate(String metric, String matchers, String range) {
    return "sum(rate(" + metric + "{" + matchers + "}" + range + "))";
  }

  /** Later servers write whole seconds with a fraction: they turn 1 into 1.0. */
  private static String le(Duration threshold) {
    String edge = Durations.seconds(threshold.toNanos());
    return edge.contains(".") ? "le=\"" + edge + "\"" : "le=~\"" + edge + "(\\\\.0)?\"";
  }

  private static String ratio(Duration window) {
    return RATIO + Durations.brief(window);
  }

  private static BigDecimal days(Duration period) {
    return BigDecimal.valueOf(period.toSeconds())
        .divide(DAY_SECONDS, 9, RoundingMode.HALF_UP)
        .stripTrailingZeros();
  }

  private void constant(String name, BigDecimal value, Map<String, String> labels)
      throws IOException {
    record(name, "vector(" + value.toPlainString() + ")");
    labels(labels);
  }

  private void group(String prefix, Map<String, String> labels) throws IOException {
    line(0, "- name: " + quoted(prefix + labels.get("sloth_id")));
    line(1, "rules:");
  }

  private void record(String name, String expression) throws IOException {
    line(2, "- record: " + name);
    expression(expression);
  }

  private void expression(String text) throws IOException {
    line(3, "expr: |");
    for (String part : text.split("\n", -1)) {
      line(4, part);
    }
  }

  private void labels(Map<String, String> labels) throws IOException {
    line(3, "labels:");
    for (Map.Entry<String, String> label : labels.entrySet()) {
      line(4, label.getKey() + ": " + quoted(label.getValue()));
    }
  }

  private void line(int depth, String text) throws IOException {
    out.append("  ".repeat(depth)).append(text).append('\n');
  }

  private static String selector(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(label -> label.getKey() + "=" + quoted(label.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static Map<String, String> with(Map<String, String> labels, String key, String value) {
    Map<String, String> more = new TreeMap<>(labels);
    more.put(key, value);
    return more;
  }

  /** Returns a text in quotes, as YAML and the query language both read it. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints().forEach(point -> append(quoted, point));
    return quoted.append('"').toString();
  }

  private static void append(StringBuilder quoted, int point) {
    if (point == '"' || point == '\\') {
      quoted.append('\\').append((char) point);
    } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
      quoted.append('?');
    } else if ((point >= 0x20 && point < 0x7F) || Character.isLetter(point)) {
      quoted.appendCodePoint(point);
    } else {
      quoted.append(String.format(Locale.ROOT, point > 0xFFFF ? "\\U%08x" : "\\u%04x", point));
    }
  }
}
