package dev.perfkit.sla.hdr;

import dev.perfkit.sla.Bucket;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.ServiceSnapshot;
import dev.perfkit.spi.Beta;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * A log of interval histograms in HdrHistogram's format: at each {@link #write} one line for each
 * service, tagged with its name, that holds the requests since the line before. No request is in
 * two lines, and none is left out. Durations are nanoseconds, within 1.7 % of the true ones.
 *
 * <pre>{@code
 * try (HistogramLog log = HistogramLog.to(Files.newOutputStream(file))) {
 *   scheduler.scheduleAtFixedRate(() -> log.write(sla.services()), 1, 1, TimeUnit.SECONDS);
 *   ...
 * }
 * }</pre>
 *
 * <p>In a tag, characters that the format does not allow are percent-encoded. What the output
 * throws is lost, as {@link java.io.PrintStream} has it. Safe for use by any number of threads.
 */
@Beta
public final class HistogramLog implements AutoCloseable {

  /** Three digits are finer than the buckets that are written. */
  private static final int DIGITS = 3;

  private static final long LONGEST_NANOS = 1L << 44;

  private final HistogramLogWriter writer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Service, Written> written = new HashMap<>();
  private final Histogram histogram = new Histogram(1, LONGEST_NANOS, DIGITS);
  private boolean begun;

  private HistogramLog(OutputStream out) {
    this.writer = new HistogramLogWriter(Objects.requireNonNull(out, "out"));
  }

  /** Returns a log that writes to a stream, and closes it when it is closed. */
  public static HistogramLog to(OutputStream out) {
    return new HistogramLog(out);
  }

  /** Writes a line for each service; also for one without requests since its last line. */
  public void write(Collection<Service> services) {
    lock.lock();
    try {
      for (Service service : services) {
        write(service);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Closes the stream. Nothing may be written afterwards. */
  @Override
  public void close() {
    lock.lock();
    try {
      writer.close();
    } finally {
      lock.unlock();
    }
  }

  private void write(Service service) {
    ServiceSnapshot all = service.snapshot();
    Instant end = all.taken();
    Written before =
        written.computeIfAbsent(service, unused -> new Written(end.minus(all.covered())));
    begin(before.until);
    histogram.reset();
    for (Bucket bucket : all.buckets()) {
      histogram.recordValueWithCount(bucket.middleNanos(), before.add(bucket));
    }
    histogram.setTag(tag(service.name()));
    histogram.setStartTimeStamp(before.until.toEpochMilli());
    histogram.setEndTimeStamp(end.toEpochMilli());
    writer.outputIntervalHistogram(histogram);
    before.until = end;
  }

  /** Times are absolute, so a reader needs no base. */
  private void begin(Instant start) {
    if (!begun) {
      begun = true;
      writer.outputLogFormatVersion();
      writer.outputStartTime(start.toEpochMilli());
      writer.outputLegend();
    }
  }

  private static String tag(String name) {
    StringBuilder tag = new StringBuilder();
    name.codePoints().forEach(it -> append(tag, it));
    return tag.toString();
  }

  private static void append(StringBuilder tag, int character) {
    if (character == ',' || character == '%' || character <= ' ' || isSpace(character)) {
      byte[] bytes = Character.toString(character).getBytes(StandardCharsets.UTF_8);
      for (byte each : bytes) {
        tag.append(String.format("%%%02X", each));
      }
    } else {
      tag.appendCodePoint(character);
    }
  }

  private static boolean isSpace(int character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || Character.isISOControl(character);
  }

  /** What is in the log of one service. */
  private static final class Written {

    private final Map<Long, Long> counts = new HashMap<>();
    private Instant until;

    Written(Instant until) {
      this.until = until;
    }

    /** Returns how many of a bucket are new. */
    long add(Bucket bucket) {
      Long before = counts.put(bucket.upToNanos(), bucket.count());
      return bucket.count() - (before == null ? 0 : before);
    }
  }
}
