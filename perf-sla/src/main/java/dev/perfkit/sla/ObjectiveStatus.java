package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All that is known of one objective of a service, at one moment. Immutable.
 *
 * @param budget what is left, and by its compliance whether the objective is met
 * @param burns what each burn alert sees, the most urgent first; unmodifiable
 * @param leftOut a line for each standard burn alert that was left out, with the reason;
 *     unmodifiable
 */
@Beta
public record ObjectiveStatus(ErrorBudget budget, List<Burn> burns, List<String> leftOut) {

  /** Copies the lists. */
  public ObjectiveStatus {
    Objects.requireNonNull(budget, "budget");
    burns = List.copyOf(burns);
    leftOut = List.copyOf(leftOut);
  }

  static ObjectiveStatus unknown(Slo objective) {
    Compliance nothing = new Compliance(objective, Duration.ZERO, 0, 0);
    ErrorBudget budget = new ErrorBudget(nothing, 0, ErrorBudget.Confidence.LOW, Optional.empty());
    return new ObjectiveStatus(budget, List.of(), List.of());
  }

  /** Returns the objective. */
  public Slo objective() {
    return budget.compliance().objective();
  }

  /** Returns whether it is met over its period. */
  public Compliance compliance() {
    return budget.compliance();
  }
}
