package dev.perfkit.sla;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The alerts that are not quiet, and the changes that nobody was told yet. Rules publish what they
 * find on the ticker; changes are handed on by {@link #send}, outside of the locks of rules.
 */
final class AlertBoard {

  private static final int MOST_NAMED = 5;

  private final Map<String, Alert> current = new ConcurrentHashMap<>();
  private final Queue<Alert> unsent = new ConcurrentLinkedQueue<>();

  /**
   * Takes what a rule found. A state that it has already changes message and values only, and is
   * not sent again; an alert that was never firing ends without a word.
   *
   * @return the alert as it stands: a state that did not change keeps the time it began
   */
  Alert publish(Alert found) {
    Alert before = current.get(found.id());
    if (before != null && before.state() == found.state()) {
      Alert same = since(found, before);
      current.put(found.id(), same);
      return same;
    }
    if (found.state() != Alert.State.RESOLVED) {
      current.put(found.id(), found);
      unsent.add(found);
    } else if (current.remove(found.id()) != null
        && before != null
        && before.state() != Alert.State.LOW_CONFIDENCE) {
      unsent.add(found);
    }
    return found;
  }

  /** Drops an alert, if there is one, without a word. */
  void forget(String id) {
    current.remove(id);
  }

  /** Returns the ids of the alerts that are not resolved. */
  Set<String> ids() {
    return current.keySet();
  }

  /** Returns the alerts that are not resolved, by id. */
  List<Alert> current() {
    return current.values().stream().sorted(Comparator.comparing(Alert::id)).toList();
  }

  /** Returns what fires in a line, the critical first; empty if nothing does. */
  String summary() {
    List<Alert> firing =
        current.values().stream()
            .filter(alert -> alert.state() == Alert.State.FIRING)
            .sorted(Comparator.comparing(Alert::severity).reversed().thenComparing(Alert::id))
            .toList();
    String named =
        firing.stream().limit(MOST_NAMED).map(Alert::id).collect(Collectors.joining(", "));
    int more = firing.size() - MOST_NAMED;
    return firing.isEmpty() ? "" : firing.size() + " firing: " + named + (more > 0 ? ", ..." : "");
  }

  /** Hands on what changed since the last call, in order. */
  void send(Consumer<? super Alert> delivery) {
    for (Alert alert = unsent.poll(); alert != null; alert = unsent.poll()) {
      delivery.accept(alert);
    }
  }

  private static Alert since(Alert found, Alert before) {
    return new Alert(
        found.id(),
        found.service(),
        found.objective(),
        found.rule(),
        found.severity(),
        found.state(),
        before.since(),
        found.message(),
        found.values());
  }
}
