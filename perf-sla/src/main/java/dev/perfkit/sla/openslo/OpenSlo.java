package dev.perfkit.sla.openslo;

import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import dev.perfkit.spi.Beta;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Objectives by service, from a text of OpenSLO v1 documents. Immutable.
 *
 * <p>A process measures its own requests, so an indicator must have {@code metricSource.type:
 * perfkit}, and say by {@code spec.metric} which: a ratio of {@code successes} (good) or {@code
 * failures} (bad) to {@code requests}; or a threshold of {@code duration} in seconds, or of {@code
 * throughput} in requests a second. Periods are rolling days, hours, minutes or weeks, or those of
 * a calendar; budgeting is by occurrences or timeslices. Whatever else a text asks for is refused.
 *
 * <p>The text is hostile input: it is bounded in length, depth and number of documents, and no
 * class is made of a tag.
 */
@Beta
public final class OpenSlo {

  /** The longest text, in characters: 262,144. */
  public static final int MAXIMUM_LENGTH = 1 << 18;

  private final Map<String, List<Slo>> services;

  private OpenSlo(Map<String, List<Slo>> services) {
    this.services = services;
  }

  /**
   * Reads a text.
   *
   * @param yaml one or more documents of the kinds SLO, SLI and Service
   * @throws OpenSloException with all problems if there is any
   */
  public static OpenSlo parse(String yaml) {
    Objects.requireNonNull(yaml, "yaml");
    Complaints complaints = new Complaints();
    if (yaml.length() > MAXIMUM_LENGTH) {
      complaints.add(
          0, "", "must have at most " + MAXIMUM_LENGTH + " characters but has " + yaml.length());
    }
    complaints.throwIfAny();
    Documents documents = Documents.read(Yaml.documents(yaml, complaints), complaints);
    complaints.throwIfAny();
    Map<String, List<Slo>> services = new LinkedHashMap<>();
    for (Documents.Objective objective : documents.objectives()) {
      services.computeIfAbsent(objective.service(), name -> new ArrayList<>()).add(objective.slo());
    }
    services.replaceAll((name, slos) -> List.copyOf(slos));
    return new OpenSlo(Collections.unmodifiableMap(services));
  }

  /** Returns the objectives by name of service, in the order of the text; unmodifiable. */
  public Map<String, List<Slo>> services() {
    return services;
  }

  /**
   * Makes the services in a monitor.
   *
   * @throws IllegalArgumentException if the objectives of a service do not go together
   * @throws IllegalStateException if a service exists with other objectives
   */
  public void applyTo(SlaMonitor monitor) {
    services.forEach((name, slos) -> monitor.service(name, slos.toArray(Slo[]::new)));
  }

  @Override
  public String toString() {
    return "OpenSlo" + services;
  }
}
