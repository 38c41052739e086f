package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Proves that every threshold is an exact edge, however close two of them are. */
final class LayoutTest {

  private static final long MS = 1_000_000;

  @Property
  void cell_anyThresholds_isTheFirstWhoseEdgeIsNotUnderTheDuration(
      @ForAll @Size(max = 8) List<@LongRange(min = 1, max = Buckets.MAX_NANOS) Long> thresholds,
      @ForAll @LongRange(min = 1, max = Buckets.MAX_NANOS) long nanos) {
    assertCell(Layout.withThresholds(thresholds), nanos);
    for (long threshold : thresholds) {
      assertCell(Layout.withThresholds(thresholds), threshold);
      assertCell(Layout.withThresholds(thresholds), Math.min(threshold + 1, Buckets.MAX_NANOS));
    }
  }

  @Test
  void cell_aroundAThreshold_isSplitToTheNanosecond() {
    Layout layout = Layout.withThresholds(List.of(200 * MS, 200 * MS + 10));
    int within = layout.bucketUpTo(200 * MS);
    assertThat(layout.cell(200 * MS, true)).isEqualTo(within);
    assertThat(layout.cell(200 * MS + 1, true)).isEqualTo(within + 1);
    assertThat(layout.cell(200 * MS + 11, true)).isEqualTo(within + 2);
    assertThat(layout.middle(within)).isBetween(197 * MS, 200 * MS);
  }

  @Test
  void cell_ofFailureStatusAndSum_neverOverlaps() {
    Layout layout = Layout.withThresholds(List.of(200 * MS));
    int lastSuccess = layout.cell(Buckets.MAX_NANOS, true);
    assertThat(layout.cell(1, false)).isEqualTo(lastSuccess + 1);
    assertThat(layout.statusCell(1)).isEqualTo(layout.cell(Buckets.MAX_NANOS, false) + 1);
    assertThat(layout.sumCell(true)).isEqualTo(layout.statusCell(5) + 1);
    assertThat(layout.sumCell(false)).isEqualTo(layout.sumCell(true) + 1);
    assertThat(layout.passedCell(0)).isEqualTo(layout.sumCell(false) + 1);
    assertThat(layout.settledCell(0)).isEqualTo(layout.passedCell(0) + 1);
    assertThat(layout.cells()).isEqualTo(layout.settledCell(0) + 1);
  }

  @Test
  void bucketUpTo_notAnEdge_isRefused() {
    Layout layout = Layout.withThresholds(List.of(200 * MS));
    assertThatIllegalArgumentException().isThrownBy(() -> layout.bucketUpTo(300 * MS));
  }

  private static void assertCell(Layout layout, long nanos) {
    int cell = layout.cell(nanos, true);
    assertThat(layout.upperEdge(cell)).isGreaterThanOrEqualTo(nanos);
    if (cell > 0) {
      assertThat(layout.upperEdge(cell - 1)).isLessThan(nanos);
    }
  }
}
