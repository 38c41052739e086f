package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Snapshot;
import dev.perfkit.sla.Bucket;
import dev.perfkit.sla.WindowSnapshot;
import dev.perfkit.spi.support.Options;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A window as Dropwizard sees it: one weighted value for each bucket, as its own snapshot of a
 * weighted sample has. Immutable.
 */
final class WindowedSnapshot extends Snapshot {

  /** A share that only the shortest request is within. */
  private static final double LEAST = 1e-18;

  private final WindowSnapshot window;
  private final List<Bucket> buckets;

  WindowedSnapshot(WindowSnapshot window) {
    this.window = window;
    this.buckets = window.buckets();
  }

  @Override
  public double getValue(double quantile) {
    Options.between("quantile", 0.0, 1.0, quantile);
    return (double) window.percentile(Math.max(LEAST, quantile)).map(Duration::toNanos).orElse(0L);
  }

  @Override
  public long[] getValues() {
    return buckets.stream().mapToLong(Bucket::middleNanos).toArray();
  }

  @Override
  public int size() {
    return buckets.size();
  }

  @Override
  public long getMax() {
    return buckets.isEmpty() ? 0 : buckets.get(buckets.size() - 1).middleNanos();
  }

  @Override
  public double getMean() {
    return (double) window.mean().map(Duration::toNanos).orElse(0L);
  }

  @Override
  public long getMin() {
    return buckets.isEmpty() ? 0 : buckets.get(0).middleNanos();
  }

  /** Of the sample, as Dropwizard's: divided by one less than the count. */
  @Override
  public double getStdDev() {
    if (window.count() < 2) {
      return 0;
    }
    double mean = getMean();
    double squares = 0;
    for (Bucket bucket : buckets) {
      double off = (double) bucket.middleNanos() - mean;
      squares += (double) bucket.count() * off * off;
    }
    return Math.sqrt(squares / (double) (window.count() - 1));
  }

  @Override
  public void dump(OutputStream output) {
    PrintWriter out = new PrintWriter(output, false, StandardCharsets.UTF_8);
    for (long value : getValues()) {
      out.println(value);
    }
    out.flush();
  }
}
