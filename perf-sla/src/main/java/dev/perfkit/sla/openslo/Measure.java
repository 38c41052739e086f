package dev.perfkit.sla.openslo;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an indicator measures of the requests of a service. */
enum Measure {
  /** The share of successes. */
  AVAILABILITY,
  /** The share of failures. */
  ERROR_RATE,
  /** The time that requests take. */
  DURATION,
  /** The requests a second. */
  THROUGHPUT;

  private static final Set<String> RATIO = Set.of("counter", "good", "bad", "total");

  /** Reads the spec of an indicator; null if it cannot be measured here. */
  static @Nullable Measure read(Field spec) {
    Map<String, Field> members =
        spec.members(Set.of("description", "ratioMetric", "thresholdMetric"));
    Field ratio = members.get("ratioMetric");
    Field threshold = members.get("thresholdMetric");
    if ((ratio == null) == (threshold == null)) {
      spec.complain("must have either ratioMetric or thresholdMetric");
      return null;
    }
    return ratio == null ? threshold(threshold) : ratio(ratio);
  }

  private static @Nullable Measure threshold(@Nullable Field threshold) {
    if (threshold == null) {
      return null;
    }
    String metric = metric(threshold, List.of("duration", "throughput"));
    return metric == null ? null : metric.equals("duration") ? DURATION : THROUGHPUT;
  }

  private static @Nullable Measure ratio(Field ratio) {
    Map<String, Field> members = ratio.members(RATIO);
    Field good = members.get("good");
    Field bad = members.get("bad");
    Field total = members.get("total");
    Field counter = members.get("counter");
    if (counter != null) {
      counter.flag();
    }
    if (total == null) {
      ratio.missing("total");
    } else {
      metric(total, List.of("requests"));
    }
    if ((good == null) == (bad == null)) {
      ratio.complain("must have either good or bad");
      return null;
    }
    if (good != null) {
      return metric(good, List.of("successes")) == null ? null : AVAILABILITY;
    }
    return bad == null || metric(bad, List.of("failures")) == null ? null : ERROR_RATE;
  }

  private static @Nullable String metric(Field field, List<String> allowed) {
    Field source = field.members(Set.of("metricSource")).get("metricSource");
    if (source == null) {
      field.missing("metricSource");
      return null;
    }
    Map<String, Field> members = source.members(Set.of("type", "spec"));
    Field type = members.get("type");
    Field spec = members.get("spec");
    if (type == null || spec == null) {
      source.missing(type == null ? "type" : "spec");
      return null;
    }
    boolean ours = type.oneOf(List.of("perfkit")) != null;
    Field metric = ours ? spec.members(Set.of("metric")).get("metric") : null;
    if (ours && metric == null) {
      spec.missing("metric");
    }
    return metric == null ? null : metric.oneOf(allowed);
  }
}
