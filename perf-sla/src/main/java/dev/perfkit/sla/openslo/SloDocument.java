package dev.perfkit.sla.openslo;

import dev.perfkit.sla.Slo;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The spec of one SLO document, which may have several objectives. For one thread. */
final class SloDocument {

  private static final Set<String> SPEC =
      Set.of(
          "description",
          "service",
          "indicator",
          "indicatorRef",
          "timeWindow",
          "budgetingMethod",
          "objectives",
          "alertPolicies");
  private static final Set<String> OBJECTIVE =
      Set.of(
          "displayName",
          "op",
          "value",
          "target",
          "targetPercent",
          "timeSliceTarget",
          "timeSliceWindow");
  private static final int MOST_NANOS_DIGITS = 9;
  private static final String SLICES = "Timeslices";

  private final Documents documents;
  private final String name;
  private final Field spec;
  private final Complaints complaints;

  SloDocument(Documents documents, String name, Field spec, Complaints complaints) {
    this.documents = documents;
    this.name = name;
    this.spec = spec;
    this.complaints = complaints;
  }

  /** Returns the objectives; none if there is a problem. */
  List<Documents.Objective> read() {
    int before = complaints.size();
    Map<String, Field> members = spec.members(SPEC);
    for (String required : List.of("service", "timeWindow", "budgetingMethod", "objectives")) {
      if (!members.containsKey(required)) {
        spec.missing(required);
      }
    }
    noAlerts(members.get("alertPolicies"));
    Field service = members.get("service");
    String serviceName = service == null ? null : service.text();
    Measure measure = measure(members.get("indicator"), members.get("indicatorRef"));
    Field window = members.get("timeWindow");
    UnaryOperator<Slo> period = window == null ? null : Period.read(window);
    Field budgeting = members.get("budgetingMethod");
    String method = budgeting == null ? null : budgeting.oneOf(List.of("Occurrences", SLICES));
    Field objectives = members.get("objectives");
    if (complaints.size() > before
        || serviceName == null
        || measure == null
        || period == null
        || method == null
        || objectives == null) {
      return List.of();
    }
    return objectives(objectives, serviceName, measure, period, method.equals(SLICES));
  }

  private List<Documents.Objective> objectives(
      Field list, String service, Measure measure, UnaryOperator<Slo> period, boolean slices) {
    List<Field> items = list.items();
    if (items.isEmpty()) {
      list.complain("must have at least one objective");
    }
    List<Documents.Objective> objectives = new ArrayList<>();
    for (Field item : items) {
      String own = items.size() == 1 ? name : name + "-" + (objectives.size() + 1);
      try {
        Slo slo = objective(item, measure, slices);
        if (slo == null) {
          return List.of();
        }
        objectives.add(new Documents.Objective(service, period.apply(slo).named(own)));
      } catch (IllegalArgumentException refused) {
        item.complain("is refused: " + refused.getMessage());
        return List.of();
      }
    }
    return objectives;
  }

  private @Nullable Slo objective(Field item, Measure measure, boolean slices) {
    int before = complaints.size();
    Map<String, Field> members = item.members(OBJECTIVE);
    BigDecimal target = target(item, members);
    boolean threshold = measure == Measure.DURATION || measure == Measure.THROUGHPUT;
    BigDecimal value = threshold ? value(item, members, measure) : null;
    if (!threshold) {
      absent(members, "op", "belongs to thresholdMetric only");
      absent(members, "value", "belongs to thresholdMetric only");
    }
    Duration slice = slice(item, members, slices || measure == Measure.THROUGHPUT);
    BigDecimal share = share(item, members, slices && measure != Measure.THROUGHPUT);
    if (measure == Measure.THROUGHPUT && !slices) {
      item.complain("is about throughput, so budgetingMethod must be " + SLICES);
    }
    if (complaints.size() > before || target == null) {
      return null;
    }
    Slo slo = slo(measure, target, value);
    if (slice == null) {
      return slo;
    }
    return share == null ? slo.timeslices(slice) : slo.timeslices(slice, share.doubleValue());
  }

  private static Slo slo(Measure measure, BigDecimal target, @Nullable BigDecimal value) {
    BigDecimal limit = value == null ? BigDecimal.ZERO : value;
    return switch (measure) {
      case AVAILABILITY -> Slo.availability(target.doubleValue());
      case ERROR_RATE -> Slo.errorRate(BigDecimal.ONE.subtract(target).doubleValue());
      case DURATION ->
          Slo.latency(
              target.doubleValue(),
              Duration.ofNanos(limit.movePointRight(MOST_NANOS_DIGITS).longValueExact()));
      case THROUGHPUT -> Slo.throughput(target.doubleValue(), limit.doubleValue());
    };
  }

  private @Nullable Measure measure(@Nullable Field inline, @Nullable Field reference) {
    if ((inline == null) == (reference == null)) {
      spec.complain("must have either indicator or indicatorRef");
      return null;
    }
    if (reference != null) {
      String wanted = reference.text();
      Field found = wanted == null ? null : documents.indicator(wanted);
      if (wanted != null && found == null) {
        reference.complain("must name an SLI of this text but was " + Field.shown(wanted));
      }
      return found == null ? null : Measure.read(found);
    }
    Field indicator =
        inline == null ? null : inline.members(Set.of("metadata", "spec")).get("spec");
    if (inline != null && indicator == null) {
      inline.missing("spec");
    }
    return indicator == null ? null : Measure.read(indicator);
  }

  private static @Nullable BigDecimal target(Field item, Map<String, Field> members) {
    Field target = members.get("target");
    Field percent = members.get("targetPercent");
    Field given = target == null ? percent : target;
    if (given == null || (target != null && percent != null)) {
      item.complain("must have either target or targetPercent");
      return null;
    }
    return share(given, target == null ? 2 : 0);
  }

  private static @Nullable BigDecimal share(Field field, int digits) {
    BigDecimal number = field.number();
    if (number == null) {
      return null;
    }
    BigDecimal share = number.movePointLeft(digits);
    if (share.signum() <= 0 || share.compareTo(BigDecimal.ONE) >= 0) {
      field.complain(
          "must be over 0 and under " + (digits == 0 ? "1" : "100") + " but was " + number);
      return null;
    }
    return share;
  }

  private static @Nullable BigDecimal value(
      Field item, Map<String, Field> members, Measure measure) {
    Field op = members.get("op");
    Field value = members.get("value");
    if (op == null || value == null) {
      item.missing(op == null ? "op" : "value");
      return null;
    }
    op.oneOf(List.of(measure == Measure.DURATION ? "lte" : "gte"));
    BigDecimal number = value.number();
    if (number != null
        && measure == Measure.DURATION
        && number.stripTrailingZeros().scale() > MOST_NANOS_DIGITS) {
      value.complain("must be seconds, to the nanosecond, but was " + number);
      return null;
    }
    return number;
  }

  private static @Nullable Duration slice(Field item, Map<String, Field> members, boolean needed) {
    Field window = members.get("timeSliceWindow");
    if (!needed) {
      absent(members, "timeSliceWindow", "belongs to budgetingMethod " + SLICES + " only");
      return null;
    }
    if (window == null) {
      item.missing("timeSliceWindow");
      return null;
    }
    return Period.duration(window);
  }

  private static @Nullable BigDecimal share(
      Field item, Map<String, Field> members, boolean needed) {
    Field target = members.get("timeSliceTarget");
    if (!needed) {
      absent(members, "timeSliceTarget", "belongs to ratios and durations by " + SLICES + " only");
      return null;
    }
    if (target == null) {
      item.missing("timeSliceTarget");
      return null;
    }
    return share(target, 0);
  }

  private static void absent(Map<String, Field> members, String name, String rule) {
    Field field = members.get(name);
    if (field != null) {
      field.complain(rule);
    }
  }

  private static void noAlerts(@Nullable Field policies) {
    if (policies != null && !policies.items().isEmpty()) {
      policies.complain("is not supported: burn alerts come with each objective; remove it");
    }
  }
}
