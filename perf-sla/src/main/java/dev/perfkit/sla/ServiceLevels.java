package dev.perfkit.sla;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The objectives of one service at work: given running totals and the time, it keeps the ledger and
 * says what alerts say. It knows no clock, so a test can let a year go by.
 *
 * <p>Totals come as pairs, good and bad, for each of the {@link #indicators}. What comes while the
 * service is excluded is left out of the ledger for good.
 */
final class ServiceLevels {

  private final AlertText text;
  private final List<Indicator> indicators;
  private final List<Objective> objectives = new ArrayList<>();
  private final Map<Slo, Objective> bySlo = new HashMap<>();
  private final AbsenceRule absence;

  private final ReentrantLock lock = new ReentrantLock();
  private final Ledger ledger;
  private final long[] totals;
  private final long[] seen;
  private final List<String> columns;
  private boolean excluded;
  private long[] saved = {};
  private long savedTime;

  /**
   * @param absenceAfter the shortest silence that alerts; 0 for none
   */
  ServiceLevels(String service, List<Slo> slos, Duration absenceAfter, long start) {
    this(service, slos, absenceAfter, start, null);
  }

  /**
   * @param saved counts to go on with
   */
  ServiceLevels(
      String service,
      List<Slo> slos,
      Duration absenceAfter,
      long start,
      @Nullable SavedService saved) {
    this.text = new AlertText(service);
    this.indicators = Indicator.of(slos);
    int requests = 2 * indicators.size();
    int slices = (int) slos.stream().filter(slo -> slo.timeslice().isPresent()).count();
    this.totals = new long[requests + 2 * slices];
    this.seen = new long[requests];
    this.columns = Columns.of(slos);
    this.ledger = saved == null ? new Ledger(start, totals.length) : saved.ledger(columns, start);
    System.arraycopy(ledger.last(), 0, totals, 0, totals.length);
    this.absence = new AbsenceRule(slos.isEmpty() ? 0 : absenceAfter.toNanos(), start);
    int column = requests;
    for (Slo slo : slos) {
      boolean sliced = slo.timeslice().isPresent();
      objectives.add(objective(slo, sliced ? column : -1, start));
      bySlo.put(slo, objectives.get(objectives.size() - 1));
      column += sliced ? 2 : 0;
    }
  }

  /** Returns what must be counted, in the order of the totals; the outcome is the first. */
  List<Indicator> indicators() {
    return indicators;
  }

  /** Returns the objectives' lines about what was left out. */
  List<String> leftOut() {
    List<String> lines = new ArrayList<>();
    for (Objective objective : objectives) {
      for (String line : objective.leftOut()) {
        lines.add(objective.slo().name() + ": " + line);
      }
    }
    return lines;
  }

  /**
   * Takes what happened since the last time and says what alerts say now.
   *
   * @param now not before the last time; the same time is not looked at twice
   * @param raw running totals by indicator, good and bad
   * @param isExcluded whether what is new does not count
   * @return what was left out
   */
  Counts observe(
      long now, long epochMillis, long[] raw, boolean isExcluded, Consumer<? super Alert> alerts) {
    lock.lock();
    try {
      if (now <= ledger.end()) {
        return Counts.NONE;
      }
      Counts fresh = advance(now, raw, isExcluded);
      objectives.forEach(objective -> objective.advance(now, epochMillis));
      if (isExcluded) {
        absence.excuse(now);
        return fresh;
      }
      judge(now, epochMillis, alerts);
      judgeAbsence(now, epochMillis, fresh, alerts);
      return Counts.NONE;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether an objective is met in a window up to now. */
  Compliance compliance(Slo slo, long windowNanos, long now, long[] raw) {
    lock.lock();
    try {
      return find(slo).compliance(now, totals(raw), windowNanos);
    } finally {
      lock.unlock();
    }
  }

  /** Returns all that is known of an objective. */
  ObjectiveStatus status(Slo slo, long now, long epochMillis, long[] raw) {
    lock.lock();
    try {
      return find(slo).status(now, epochMillis, totals(raw));
    } finally {
      lock.unlock();
    }
  }

  /** Writes the names of the columns and the ledger. */
  void write(StateWriter out) {
    lock.lock();
    try {
      out.number(columns.size());
      columns.forEach(out::text);
      ledger.write(out);
      saved = ledger.last();
      savedTime = ledger.end();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes an edge that was not written yet: how much later and greater it is.
   *
   * @return whether there was any
   */
  boolean takeChange(StateWriter out, long now, long[] raw) {
    lock.lock();
    try {
      long[] live = totals(raw);
      for (int i = 0; i < live.length; i++) {
        // What began to be excluded after it was written stays written: at most half a second of
        // it.
        live[i] = Math.max(live[i], saved[i]);
      }
      if (Arrays.equals(live, saved)) {
        return false;
      }
      long time = Math.max(now, savedTime + 1);
      out.number(time - savedTime);
      for (int i = 0; i < live.length; i++) {
        out.number(live[i] - saved[i]);
      }
      saved = live;
      savedTime = time;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private Objective find(Slo slo) {
    Objective objective = bySlo.get(slo);
    if (objective == null) {
      throw new IllegalArgumentException("no objective " + slo);
    }
    return objective;
  }

  private Objective objective(Slo slo, int sliceColumn, long start) {
    if (sliceColumn >= 0) {
      SliceJudge judge = new SliceJudge(slo, indicators, start);
      judge.resume(totals, sliceColumn);
      return new Objective(slo, ledger, sliceColumn, judge, sameAlerts(slo));
    }
    int column = 2 * indicators.indexOf(Indicator.of(slo));
    return new Objective(slo, ledger, column, null, sameAlerts(slo));
  }

  /** Returns an objective before that would alert at the same moments. */
  private @Nullable Slo sameAlerts(Slo slo) {
    return objectives.stream()
        .map(Objective::slo)
        .filter(it -> it.alerts().equals(slo.alerts()) && Contradictions.isSamePromise(it, slo))
        .findFirst()
        .orElse(null);
  }

  /** Appends an edge; returns the requests since the last one. */
  private Counts advance(long now, long[] raw, boolean isExcluded) {
    Counts fresh = new Counts(since(raw, 0), since(raw, 1));
    excluded = isExcluded;
    for (int i = 0; i < seen.length; i++) {
      totals[i] += isExcluded ? 0 : since(raw, i);
      seen[i] = Math.max(seen[i], raw[i]);
    }
    for (Objective objective : objectives) {
      slice(objective, now);
    }
    ledger.append(now, totals);
    return fresh;
  }

  /** A request that was bad while it ran is there twice for a moment at its end, never less. */
  private long since(long[] raw, int column) {
    return Math.max(0, raw[column] - seen[column]);
  }

  private void slice(Objective objective, long now) {
    SliceJudge judge = objective.slices();
    if (judge != null) {
      if (excluded) {
        judge.touch();
      }
      judge.observe(now, totals);
      totals[objective.column()] = judge.good();
      totals[objective.column() + 1] = judge.bad();
    }
  }

  /** Returns the totals of now: those of the newest edge and what came since. */
  private long[] totals(long[] raw) {
    long[] live = totals.clone();
    for (int i = 0; i < seen.length && !excluded; i++) {
      live[i] += since(raw, i);
    }
    return live;
  }

  private void judge(long now, long epochMillis, Consumer<? super Alert> alerts) {
    for (Objective objective : objectives) {
      for (BurnRule rule : objective.rules()) {
        Counts over = objective.recent(rule.tier().longWindow());
        Counts recent = objective.recent(rule.tier().shortWindow());
        Alert.State before = rule.state();
        Alert.State state = rule.judge(now, over, recent);
        if (state != Alert.State.RESOLVED || before != Alert.State.RESOLVED) {
          alerts.accept(text.burn(objective.slo(), rule, over, recent, epochMillis));
        }
      }
    }
  }

  private void judgeAbsence(
      long now, long epochMillis, Counts fresh, Consumer<? super Alert> alerts) {
    boolean fired = absence.isFiring(now);
    if (fresh.total() > 0) {
      if (fired) {
        alerts.accept(absence(Alert.State.RESOLVED, now, epochMillis));
      }
      absence.seen(now, ledger);
    } else if (fired) {
      alerts.accept(absence(Alert.State.FIRING, now, epochMillis));
    }
  }

  private Alert absence(Alert.State state, long now, long epochMillis) {
    return text.absence(state, Duration.ofNanos(absence.silence(now)), epochMillis);
  }
}
