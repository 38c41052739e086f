package dev.perfkit.sla;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/** The rules about signals at work. Judged by one thread at a time, read by any. */
final class Thresholds {

  static final int MOST_RULES = 100;

  /** What is gone for so long will not come back to resolve its alert. */
  private static final long FORGET_NANOS = Duration.ofDays(1).toNanos();

  private final List<Watch> watches;

  /** What a rule says of a subject. */
  record Finding(AlertRule rule, String subject, Alert.State state, double value) {}

  /** A rule, and its state for each subject. */
  private static final class Watch {
    private final AlertRule rule;
    private final SignalReader reader;
    private final Map<String, ThresholdState> states = new ConcurrentSkipListMap<>();
    private final Map<String, Long> excluded = new HashMap<>();

    Watch(AlertRule rule) {
      this.rule = rule;
      this.reader = rule.signal().reader();
    }
  }

  Thresholds(List<AlertRule> rules) {
    this.watches = rules.stream().map(Watch::new).toList();
  }

  /**
   * Judges every rule; of a service that is excluded it keeps what it said, until the window of its
   * signal holds nothing of that time.
   */
  void evaluate(
      SignalReader.Sources sources, long epochMillis, Exclusions exclusions, AlertBoard board) {
    Instant moment = Instant.ofEpochMilli(epochMillis);
    for (Watch watch : watches) {
      Set<String> seen = new HashSet<>();
      watch.reader.read(
          sources,
          (subject, number) -> {
            seen.add(subject);
            if (!isExcluded(watch, subject, sources.now(), exclusions, moment)) {
              judge(watch, subject, number, sources.now(), moment, board);
            }
          });
      judgeMissing(watch, seen, sources.now(), moment, board);
    }
  }

  /** Returns what every rule says of every subject, by rule and subject. */
  List<Finding> findings() {
    List<Finding> all = new ArrayList<>();
    for (Watch watch : watches) {
      watch.states.forEach(
          (subject, state) ->
              all.add(new Finding(watch.rule, subject, state.state(), state.value())));
    }
    return all;
  }

  private static boolean isExcluded(
      Watch watch, String subject, long now, Exclusions exclusions, Instant moment) {
    Signal signal = watch.rule.signal();
    if (signal.isOfServices() && exclusions.isExcluded(subject, moment)) {
      watch.excluded.put(subject, now);
    }
    Long last = watch.excluded.get(subject);
    if (last != null && now - last > signal.windowNanos()) {
      watch.excluded.remove(subject);
      last = null;
    }
    return last != null;
  }

  private static void judge(
      Watch watch, String subject, double number, long now, Instant moment, AlertBoard board) {
    ThresholdState state =
        watch.states.computeIfAbsent(subject, made -> new ThresholdState(watch.rule));
    if (state.judge(now, number)) {
      board.publish(ThresholdText.alert(watch.rule, subject, state, moment));
    }
  }

  /** A series that is no longer there has no number; its alert is kept for a day. */
  private static void judgeMissing(
      Watch watch, Set<String> seen, long now, Instant moment, AlertBoard board) {
    Iterator<Map.Entry<String, ThresholdState>> all = watch.states.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, ThresholdState> entry = all.next();
      if (seen.contains(entry.getKey())) {
        continue;
      }
      judge(watch, entry.getKey(), Double.NaN, now, moment, board);
      if (!entry.getValue().hasFired() || entry.getValue().emptyNanos(now) >= FORGET_NANOS) {
        all.remove();
        board.forget(ThresholdText.id(watch.rule, entry.getKey()));
      }
    }
  }
}
