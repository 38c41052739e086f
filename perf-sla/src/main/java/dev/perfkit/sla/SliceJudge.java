package dev.perfkit.sla;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Divides time into slices and says which are good. A slice ends with the first observation after
 * its length; one that comes later than the next slice's end judges all of them as one, since
 * nobody knows what happened in which. A slice that an exclusion touched is not judged. For one
 * thread at a time.
 */
final class SliceJudge {

  private enum Verdict {
    GOOD,
    BAD,
    EMPTY
  }

  /** A condition on the requests of a slice; the column is that of the good ones, then the bad. */
  private record Part(int column, @Nullable BigDecimal floor, BigDecimal share) {}

  private final List<Part> parts = new ArrayList<>();
  private final EmptyTimeslices empty;
  private final long lengthNanos;
  private final long[] before;
  private long began;
  private long observed;
  private boolean touched;
  private long good;
  private long bad;

  SliceJudge(Slo objective, List<Indicator> indicators, long start) {
    this.empty = objective.emptyTimeslices();
    this.lengthNanos = objective.timeslice().orElseThrow().toNanos();
    this.before = new long[2 * indicators.size()];
    this.began = start;
    this.observed = start;
    if (objective.kind() == Slo.Kind.COMPOSITE) {
      for (Slo part : objective.parts()) {
        parts.add(part(part, part.exactTarget(), indicators));
      }
    } else {
      parts.add(part(objective, objective.timesliceShare(), indicators));
    }
  }

  /**
   * Goes on from totals that were kept; the slice that was interrupted is not judged.
   *
   * @param column that of the good slices; the next is that of the bad ones
   */
  void resume(long[] totals, int column) {
    System.arraycopy(totals, 0, before, 0, before.length);
    good = totals[column];
    bad = totals[column + 1];
  }

  /** Returns how many slices were good. */
  long good() {
    return good;
  }

  /** Returns how many slices were bad. */
  long bad() {
    return bad;
  }

  /** Notes that an exclusion is in force: the present slice is not judged. */
  void touch() {
    touched = true;
  }

  /**
   * Judges the slices that have ended.
   *
   * @param totals by column, never less than before
   */
  void observe(long now, long[] totals) {
    long ended = (now - began) / lengthNanos;
    if (ended == 0) {
      return;
    }
    if (!touched) {
      count(judge(now - observed, totals), ended);
    }
    touched = false;
    began += ended * lengthNanos;
    observed = now;
    System.arraycopy(totals, 0, before, 0, before.length);
  }

  private void count(Verdict verdict, long slices) {
    boolean isGood =
        verdict == Verdict.GOOD || (verdict == Verdict.EMPTY && empty == EmptyTimeslices.GOOD);
    boolean isBad =
        verdict == Verdict.BAD || (verdict == Verdict.EMPTY && empty == EmptyTimeslices.BAD);
    good += isGood ? slices : 0;
    bad += isBad ? slices : 0;
  }

  private Verdict judge(long nanos, long[] totals) {
    Verdict worst = Verdict.EMPTY;
    for (Part part : parts) {
      Verdict verdict = judge(part, nanos, totals);
      if (verdict == Verdict.BAD) {
        return verdict;
      }
      worst = verdict == Verdict.GOOD ? verdict : worst;
    }
    return worst;
  }

  private Verdict judge(Part part, long nanos, long[] totals) {
    int column = part.column();
    Counts counts =
        new Counts(totals[column] - before[column], totals[column + 1] - before[column + 1]);
    if (part.floor() != null) {
      BigDecimal needed = part.floor().multiply(BigDecimal.valueOf(nanos, 9));
      return BigDecimal.valueOf(counts.total()).compareTo(needed) >= 0 ? Verdict.GOOD : Verdict.BAD;
    }
    if (counts.total() == 0) {
      return Verdict.EMPTY;
    }
    boolean missed = counts.exceeds(BigDecimal.ONE.subtract(part.share()));
    return missed ? Verdict.BAD : Verdict.GOOD;
  }

  private static Part part(Slo objective, BigDecimal share, List<Indicator> indicators) {
    int column = 2 * indicators.indexOf(Indicator.of(objective));
    return new Part(column, objective.exactFloor(), share);
  }
}
