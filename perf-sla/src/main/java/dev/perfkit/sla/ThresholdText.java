package dev.perfkit.sla;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes the alerts of rules about signals, with the words and numbers that a person needs. */
final class ThresholdText {

  private ThresholdText() {}

  static String id(AlertRule rule, String subject) {
    return subject + "/" + rule.signal().name() + "/" + rule.name();
  }

  static Alert alert(AlertRule rule, String subject, ThresholdState state, Instant moment) {
    Map<String, String> values = new LinkedHashMap<>();
    if (!Double.isNaN(state.value())) {
      values.put("value", Double.toString(state.value()));
    }
    values.put("limit", Double.toString(rule.limit()));
    values.put("clearAt", Double.toString(rule.clear()));
    values.put("lasting", Durations.brief(rule.lasting()));
    values.put("scope", AlertText.SCOPE);
    return new Alert(
        id(rule, subject),
        subject,
        rule.signal().name(),
        rule.name(),
        rule.severity(),
        state.state(),
        moment,
        message(rule, subject, state),
        values);
  }

  private static String message(AlertRule rule, String subject, ThresholdState state) {
    String what =
        rule.signal().name()
            + " of "
            + (rule.signal().isOfServices() ? "service '" + subject + "'" : subject);
    String limit = rule.limitText();
    return switch (state.state()) {
      case NO_DATA ->
          what + " was " + limit + ", and nobody knows whether it still is: there is no data";
      case RESOLVED -> what + " is back at " + rule.text(state.value()) + "; an alert is " + limit;
      case FIRING, LOW_CONFIDENCE ->
          Double.isNaN(state.value())
              ? what + " was " + limit + " a moment ago"
              : what
                  + " is "
                  + rule.text(state.value())
                  + ", "
                  + limit
                  + "; the alert ends at "
                  + rule.clearText();
    };
  }
}
