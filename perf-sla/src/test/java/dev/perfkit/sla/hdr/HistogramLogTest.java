package dev.perfkit.sla.hdr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Proves that HdrHistogram's own reader finds each request once, in its interval, as it was. */
final class HistogramLogTest {

  private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");

  private final FakeTimeSource time = FakeTimeSource.create();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private SlaMonitor sla = SlaMonitor.create();

  @AfterEach
  void close() {
    sla.close();
  }

  private void begin() {
    sla.close();
    time.setWallClock(BEGIN);
    sla = SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
  }

  @Test
  void log_manyIntervals_readsBackEveryRequestOnce() {
    begin();
    Service api = sla.service("api", Slo.latency(0.9, Duration.ofMillis(150)));
    Histogram exact = new Histogram(1, 1L << 44, 3);
    Random random = new Random(7);
    List<Long> counts = new ArrayList<>();
    try (HistogramLog log = HistogramLog.to(out)) {
      for (int second = 0; second < 20; second++) {
        int requests = random.nextInt(200);
        for (int i = 0; i < requests; i++) {
          long nanos = (long) (1e8 * Math.exp(random.nextGaussian()));
          api.record(nanos, Outcome.of(i % 10 != 0, 0));
          exact.recordValue(nanos);
        }
        counts.add((long) requests);
        time.advance(Duration.ofSeconds(1));
        log.write(sla.services());
      }
    }
    List<Histogram> lines = read();
    assertThat(lines).extracting(Histogram::getTotalCount).isEqualTo(counts);
    assertThat(lines).extracting(Histogram::getTag).containsOnly("api");
    for (int i = 0; i < lines.size(); i++) {
      Instant start = Instant.ofEpochMilli(lines.get(i).getStartTimeStamp());
      assertThat(start).isEqualTo(BEGIN.plusSeconds(i));
      assertThat(lines.get(i).getEndTimeStamp() - start.toEpochMilli()).isEqualTo(1000);
    }
    Histogram all = new Histogram(1, 1L << 44, 3);
    lines.forEach(all::add);
    for (double percentile : new double[] {1, 50, 90, 99, 99.9, 100}) {
      double expected = exact.getValueAtPercentile(percentile);
      assertThat(all.getValueAtPercentile(percentile) / expected).isBetween(0.982, 1.018);
    }
  }

  @Test
  void log_severalServices_areApartByTag() {
    begin();
    sla.service("a b,c%\n", new Slo[0]).record(5, Outcome.success());
    sla.service("jobs", new Slo[0]);
    try (HistogramLog log = HistogramLog.to(out)) {
      log.write(sla.services());
    }
    List<Histogram> lines = read();
    assertThat(lines).extracting(Histogram::getTag).containsExactly("a%20b%2Cc%25%0A", "jobs");
    assertThat(lines).extracting(Histogram::getTotalCount).containsExactly(1L, 0L);
    assertThat(lines.get(0).getMaxValue()).isEqualTo(5);
  }

  @Test
  void log_begunLate_holdsAllSinceTheServiceWasMade() {
    begin();
    Service api = sla.service("api", new Slo[0]);
    api.record(Duration.ofMillis(1), Outcome.success());
    time.advance(Duration.ofMinutes(3));
    try (HistogramLog log = HistogramLog.to(out)) {
      log.write(List.of(api));
    }
    assertThat(read().get(0).getStartTimeStamp()).isEqualTo(BEGIN.toEpochMilli());
    assertThat(read().get(0).getTotalCount()).isEqualTo(1);
  }

  private List<Histogram> read() {
    List<Histogram> lines = new ArrayList<>();
    try (HistogramLogReader reader =
        new HistogramLogReader(new ByteArrayInputStream(out.toByteArray()))) {
      while (reader.hasNext()) {
        lines.add((Histogram) reader.nextIntervalHistogram());
      }
    }
    return lines;
  }
}
