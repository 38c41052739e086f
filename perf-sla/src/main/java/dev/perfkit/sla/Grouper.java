package dev.perfkit.sla;

import dev.perfkit.spi.Event;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Collects changes of alerts until the windows of their groups are over. For one thread. */
final class Grouper {

  static final String EVENT_TYPE = "alert-group";

  /** More members are counted, not named. */
  static final int MOST_NAMED = 100;

  private final String source;
  private final AlertGroups groups;
  private final Consumer<? super Event> events;
  private final Map<String, Group> open = new LinkedHashMap<>();

  private record Group(long opened, Map<String, Alert> members) {}

  Grouper(String source, AlertGroups groups, Consumer<? super Event> events) {
    this.source = source;
    this.groups = groups;
    this.events = events;
  }

  /** Takes a change: sends it, or keeps it for its group. */
  void add(Alert alert, long now) {
    if (!groups.isGrouping()) {
      events.accept(alert.toEvent(source));
      return;
    }
    open.computeIfAbsent(groups.nameOf(alert), name -> new Group(now, new LinkedHashMap<>()))
        .members()
        .put(alert.id(), alert);
  }

  /** Sends the groups whose windows are over. */
  void send(long now, long epochMillis) {
    sendOlder(now - groups.window().toNanos(), epochMillis);
  }

  /** Sends all groups. */
  void sendAll(long epochMillis) {
    sendOlder(Long.MAX_VALUE, epochMillis);
  }

  private void sendOlder(long opened, long epochMillis) {
    Iterator<Map.Entry<String, Group>> all = open.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, Group> group = all.next();
      if (group.getValue().opened() <= opened) {
        all.remove();
        events.accept(event(group.getKey(), group.getValue().members(), epochMillis));
      }
    }
  }

  private Event event(String name, Map<String, Alert> members, long epochMillis) {
    Event event =
        Event.of(source, EVENT_TYPE, severity(members), epochMillis, message(name, members))
            .with("group", name)
            .with("members", Integer.toString(members.size()));
    for (Alert.State state : Alert.State.values()) {
      event = event.with(state.name(), Long.toString(count(members, state)));
    }
    List<Alert> named = new ArrayList<>(members.values()).subList(0, named(members));
    for (Alert alert : named) {
      event = event.with(alert.id(), alert.state() + ": " + alert.message());
    }
    return event;
  }

  private static int named(Map<String, Alert> members) {
    return Math.min(MOST_NAMED, members.size());
  }

  private static String message(String name, Map<String, Alert> members) {
    List<String> parts = new ArrayList<>();
    for (Alert.State state : Alert.State.values()) {
      long count = count(members, state);
      if (count > 0) {
        parts.add(count + " " + state.eventType().substring("alert-".length()));
      }
    }
    return "alerts of " + name + ": " + String.join(", ", parts);
  }

  private static long count(Map<String, Alert> members, Alert.State state) {
    return members.values().stream().filter(alert -> alert.state() == state).count();
  }

  /** Returns the highest severity of the members' own events. */
  private static Event.Severity severity(Map<String, Alert> members) {
    return members.values().stream()
        .map(Alert::eventSeverity)
        .max(Comparator.naturalOrder())
        .orElse(Event.Severity.INFO);
  }
}
