package dev.perfkit.sla;

import java.util.Arrays;

/**
 * Turns slots of one layout into those of another. A bucket that the other one splits goes to the
 * part over the new threshold: whether it was within is not known, so it is not taken to be good.
 */
final class SlotConversion {

  private final Layout from;
  private final Layout to;
  private final boolean estimateSums;
  private final Tally before = new Tally(Workspace.MOST_CELLS);
  private final Tally after = new Tally(Workspace.MOST_CELLS);

  SlotConversion(Layout from, Layout to, boolean estimateSums) {
    this.from = from;
    this.to = to;
    this.estimateSums = estimateSums;
  }

  byte[] convert(byte[] slot) {
    before.add(slot);
    for (int bucket = 0; bucket < from.buckets(); bucket++) {
      move(bucket, true, before.count(bucket));
      move(bucket, false, before.count(bucket + from.failureOffset()));
    }
    for (int status = 1; status <= Layout.STATUS_CLASSES; status++) {
      add(to.statusCell(status), before.count(from.statusCell(status)));
    }
    add(to.sumCell(true), before.count(from.sumCell(true)));
    add(to.sumCell(false), before.count(from.sumCell(false)));
    for (int i = 0; i < from.thresholds().length; i++) {
      moveRunning(i, Arrays.binarySearch(to.thresholds(), from.thresholds()[i]));
    }
    byte[] converted = after.encode();
    before.clear();
    after.clear();
    return converted;
  }

  private void move(int bucket, boolean success, long count) {
    add(to.cell(from.upperEdge(bucket), success), count);
    if (estimateSums) {
      add(to.sumCell(success), count * from.middle(bucket));
    }
  }

  /** Of a threshold that is no more nothing is to be known. */
  private void moveRunning(int threshold, int wanted) {
    if (wanted >= 0) {
      add(to.passedCell(wanted), before.count(from.passedCell(threshold)));
      add(to.settledCell(wanted), before.count(from.settledCell(threshold)));
    }
  }

  private void add(int cell, long count) {
    if (count != 0) {
      after.add(cell, count);
    }
  }
}
