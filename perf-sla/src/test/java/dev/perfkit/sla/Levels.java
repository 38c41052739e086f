package dev.perfkit.sla;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Drives the objectives of one service with counts and a time of its own, as the ticker would with
 * those of a recorder, and notes every change of an alert.
 */
final class Levels {

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static final long SECOND = 1_000_000_000L;

  /** A change of an alert, and at which second. */
  record Change(long second, Alert alert) {}

  final List<Change> changes = new ArrayList<>();
  final AlertBoard board = new AlertBoard();
  final Exclusions exclusions = new Exclusions();
  private final ServiceLevels levels;
  private final long[] raw;
  private long second;
  private Duration wallOffset = Duration.ZERO;

  Levels(Slo... objectives) {
    this(Duration.ofMinutes(15), objectives);
  }

  Levels(Duration absenceAfter, Slo... objectives) {
    levels = new ServiceLevels("api", List.of(objectives), absenceAfter, 0);
    raw = new long[2 * levels.indicators().size()];
  }

  long second() {
    return second;
  }

  Instant wall() {
    return START.plusSeconds(second).plus(wallOffset);
  }

  /** Sets the wall clock forward or back. */
  void jump(Duration by) {
    wallOffset = wallOffset.plus(by);
  }

  /** Counts requests by outcome, and as good or bad for every threshold. */
  void count(long good, long bad) {
    for (int i = 0; i < raw.length; i += 2) {
      raw[i] += good;
      raw[i + 1] += bad;
    }
  }

  /** Counts requests of one indicator only. */
  void count(int indicator, long good, long bad) {
    raw[2 * indicator] += good;
    raw[2 * indicator + 1] += bad;
  }

  /** Lets so many seconds go by, then looks. */
  void step(long seconds) {
    second += seconds;
    Instant wall = wall();
    boolean excluded = exclusions.isExcluded("api", wall);
    Counts left =
        levels.observe(second * SECOND, wall.toEpochMilli(), raw, excluded, board::publish);
    exclusions.count("api", wall, left);
    board.send(alert -> changes.add(new Change(second, alert)));
  }

  /** Lets time go by with so many requests a second, looking every second. */
  void run(Duration time, long good, long bad) {
    for (long i = 0; i < time.toSeconds(); i++) {
      count(good, bad);
      step(1);
    }
  }

  /** The same, looking every so many seconds only. */
  void run(Duration time, Duration every, long good, long bad) {
    for (long i = 0; i < time.dividedBy(every); i++) {
      count(good * every.toSeconds(), bad * every.toSeconds());
      step(every.toSeconds());
    }
  }

  ObjectiveStatus status(Slo objective) {
    return levels.status(objective, second * SECOND, wall().toEpochMilli(), raw);
  }

  ErrorBudget budget(Slo objective) {
    return status(objective).budget();
  }

  Compliance compliance(Slo objective, Duration window) {
    return levels.compliance(objective, window.toNanos(), second * SECOND, raw);
  }

  List<String> leftOut() {
    return levels.leftOut();
  }

  /** Returns the changes of one rule to one state. */
  List<Change> changes(String rule, Alert.State state) {
    return changes.stream()
        .filter(it -> it.alert().rule().equals(rule) && it.alert().state() == state)
        .toList();
  }

  List<Alert.State> states(String rule) {
    return changes.stream()
        .filter(it -> it.alert().rule().equals(rule))
        .map(it -> it.alert().state())
        .toList();
  }
}
