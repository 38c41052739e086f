package dev.perfkit.sla;

import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * Decides which changes of alerts are told. What is silent is held: when its silence ends, its
 * newest state is told, unless that is what was told last, or the end of something that nobody was
 * told of. For one thread at a time.
 */
final class Notifier {

  private final Silences silences;
  private final Grouper grouper;
  private final Map<String, Alert.State> told = new HashMap<>();
  private final Map<String, Alert> held = new HashMap<>();

  Notifier(Silences silences, Grouper grouper) {
    this.silences = silences;
    this.grouper = grouper;
  }

  /** Takes a change. */
  void take(Alert alert, long now, Instant moment) {
    held.remove(alert.id());
    if (!silences.isSilent(alert, moment)) {
      tell(alert, now);
      return;
    }
    silences.count(alert, moment);
    if (alert.state() != Alert.State.RESOLVED || told.containsKey(alert.id())) {
      held.put(alert.id(), alert);
    }
  }

  /** Tells what is silent no longer. */
  void release(long now, Instant moment) {
    Iterator<Alert> all = held.values().iterator();
    while (all.hasNext()) {
      Alert alert = all.next();
      if (!silences.isSilent(alert, moment)) {
        all.remove();
        tell(alert, now);
      }
    }
  }

  /** Forgets alerts that ended without a word. */
  void retain(Set<String> ids) {
    held.values().removeIf(it -> it.state() != Alert.State.RESOLVED && !ids.contains(it.id()));
    told.keySet().removeIf(id -> !ids.contains(id) && !held.containsKey(id));
  }

  private void tell(Alert alert, long now) {
    Alert.State before = told.getOrDefault(alert.id(), Alert.State.RESOLVED);
    if (before == alert.state()) {
      return;
    }
    if (alert.state() == Alert.State.RESOLVED) {
      told.remove(alert.id());
    } else {
      told.put(alert.id(), alert.state());
    }
    grouper.add(alert, now);
  }
}
