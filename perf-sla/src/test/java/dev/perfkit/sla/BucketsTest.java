package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Proves that buckets divide all durations without gaps, each at most 1/32 of them wide. */
final class BucketsTest {

  @Property(tries = 20_000)
  void of_anyDuration_liesBetweenTheEdgesOfItsBucket(
      @ForAll @LongRange(min = 1, max = Buckets.MAX_NANOS) long nanos) {
    int bucket = Buckets.of(nanos);
    long lower = bucket == 0 ? 0 : Buckets.upperEdge(bucket - 1);
    assertThat(nanos).isGreaterThan(lower).isLessThanOrEqualTo(Buckets.upperEdge(bucket));
    assertThat((Buckets.upperEdge(bucket) - lower - 1) * 32).isLessThanOrEqualTo(lower);
  }

  @Test
  void upperEdge_ofAllBuckets_ascendsToTheLongestDuration() {
    for (int bucket = 1; bucket < Buckets.COUNT; bucket++) {
      assertThat(Buckets.upperEdge(bucket)).isGreaterThan(Buckets.upperEdge(bucket - 1));
    }
    assertThat(Buckets.upperEdge(0)).isEqualTo(1);
    assertThat(Buckets.upperEdge(Buckets.COUNT - 1)).isEqualTo(Buckets.MAX_NANOS);
    assertThat(Buckets.of(Buckets.MAX_NANOS)).isEqualTo(Buckets.COUNT - 1);
  }

  @Test
  void upperEdge_powersOfTwo_areEdges() {
    for (int power = 0; power <= 44; power++) {
      assertThat(Buckets.upperEdge(Buckets.of(1L << power))).isEqualTo(1L << power);
    }
  }

  @Test
  void clamp_outsideTheRange_isTheNearestEnd() {
    assertThat(Buckets.clamp(Long.MIN_VALUE)).isEqualTo(1);
    assertThat(Buckets.clamp(0)).isEqualTo(1);
    assertThat(Buckets.clamp(7)).isEqualTo(7);
    assertThat(Buckets.clamp(Long.MAX_VALUE)).isEqualTo(Buckets.MAX_NANOS);
  }
}
