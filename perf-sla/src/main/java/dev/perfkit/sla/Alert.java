package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.support.Options;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a rule says about a service, and since when. Immutable.
 *
 * <p>A change of the state is sent as an event of the type {@link State#eventType}.
 *
 * @param id which alert it is, for as long as it exists: {@code service/objective/rule}
 * @param service the name of the service
 * @param objective the name of the objective, or of the measured value for other rules
 * @param rule the name of the rule: of the tier for burn alerts, such as {@code burn-1h}
 * @param severity how much it matters while it fires: CRITICAL should page a person, WARNING open a
 *     ticket
 * @param state what the rule says
 * @param since when it began to say so, by the wall clock
 * @param message a sentence for people
 * @param values the numbers behind it, in the order they were added; unmodifiable
 */
@Beta
public record Alert(
    String id,
    String service,
    String objective,
    String rule,
    Event.Severity severity,
    State state,
    Instant since,
    String message,
    Map<String, String> values) {

  /** What a rule says. */
  public enum State {
    /** It would fire, but there are too few events to be sure. */
    LOW_CONFIDENCE,
    /** What it watches for is happening. */
    FIRING,
    /** Nobody can tell, because there is no data; what was firing is not known to be over. */
    NO_DATA,
    /** It is over, as data shows. */
    RESOLVED;

    /** Returns the type of the event that tells this state, such as {@code alert-firing}. */
    public String eventType() {
      return switch (this) {
        case LOW_CONFIDENCE -> "alert-low-confidence";
        case FIRING -> "alert-firing";
        case NO_DATA -> "alert-no-data";
        case RESOLVED -> "alert-resolved";
      };
    }
  }

  /**
   * Copies the values.
   *
   * @throws IllegalArgumentException if id or message is blank
   */
  public Alert {
    Options.notBlank("id", id);
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(objective, "objective");
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(since, "since");
    Options.notBlank("message", message);
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * Returns the event that tells this state: of the alert's severity when it fires, a WARNING
   * without data, else INFO.
   */
  Event toEvent(String source) {
    Event event =
        Event.of(source, state.eventType(), eventSeverity(), since.toEpochMilli(), message)
            .with("alert", id)
            .with("service", service)
            .with("objective", objective)
            .with("rule", rule);
    for (Map.Entry<String, String> value : values.entrySet()) {
      event = event.with(value.getKey(), value.getValue());
    }
    return event;
  }

  Event.Severity eventSeverity() {
    return switch (state) {
      case FIRING -> severity;
      case NO_DATA -> Event.Severity.WARNING;
      case LOW_CONFIDENCE, RESOLVED -> Event.Severity.INFO;
    };
  }
}
