package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Proves how metrics are named when exported, and what becomes of those that cannot be measured.
 */
final class MetersTest {

  private final List<String> refused = new ArrayList<>();
  private final Meters meters =
      new Meters(
          10,
          List.of("taken_total"),
          (metric, reason) -> refused.add(metric.name() + ": " + reason));

  @Test
  void names_ofAllTypes_haveUnitAndEnding() {
    Metric bytes = Metric.named("cache.read").unit("bytes");
    assertThat(MetricNames.counter(bytes)).isEqualTo("cache_read_bytes_total");
    assertThat(MetricNames.counter(Metric.named("cache.hits"))).isEqualTo("cache_hits_total");
    assertThat(MetricNames.counter(Metric.named("hits_total"))).isEqualTo("hits_total");
    assertThat(MetricNames.timer(Metric.named("cache.load"))).isEqualTo("cache_load_seconds");
    assertThat(MetricNames.timer(Metric.named("load_seconds"))).isEqualTo("load_seconds");
    assertThat(MetricNames.gauge(bytes)).isEqualTo("cache_read_bytes");
    assertThat(MetricNames.gauge(Metric.named("rate").unit("per cent"))).isEqualTo("rate");
    assertThat(MetricNames.gauge(Metric.named("pool.total"))).isEqualTo("pool_total_value");
  }

  @Test
  void labels_keysThatPrometheusUses_areRenamed() {
    Metric metric = Metric.named("a").tag("le", "1").tag("tag_le", "2").tag("pool", "x");
    assertThat(MetricNames.labels(metric))
        .containsOnly(
            Map.entry("tag_tag_le", "1"), Map.entry("tag_le", "2"), Map.entry("pool", "x"));
  }

  @Test
  void counter_nameThatAnotherHas_isRefusedAndHarmless() {
    meters.counter(Metric.named("a.b")).add(1);
    meters.counter(Metric.named("a_b")).add(5);
    meters.counter(Metric.named("taken")).add(5);
    assertThat(meters.families()).hasSize(1);
    assertThat(refused)
        .containsExactly(
            "a_b: its exported name a_b_total belongs to COUNTER a.b",
            "taken: its exported name taken_total belongs to reserved");
  }

  @Test
  void gauge_nameOfATimersSample_isNotRefusedAsItIsRenamed() {
    meters.timer(Metric.named("load")).record(1);
    Telemetry.Registration unused = meters.gauge(Metric.named("load_seconds_count"), () -> 1);
    assertThat(refused).isEmpty();
    assertThat(meters.families())
        .extracting(Meters.Family::exportedName)
        .containsExactly("load_seconds", "load_seconds_count_value");
  }

  @Test
  void counter_negativeAmount_isLeftOut() {
    Telemetry.Counter counter = meters.counter(Metric.named("a"));
    counter.add(3);
    counter.add(-2);
    assertThat(((Meters.CounterSeries) counter).count()).isEqualTo(3);
  }

  @Test
  void series_overTheLimit_shareOneOfTheirNameOrAreDropped() {
    for (int i = 0; i < 12; i++) {
      meters.timer(Metric.named("known").tag("n", "t" + i)).record(5);
    }
    meters.counter(Metric.named("unknown")).add(1);
    Telemetry.Registration unused = meters.gauge(Metric.named("unknown"), () -> 1);
    Meters.Family known = meters.families().get(0);
    assertThat(meters.families()).hasSize(1);
    assertThat(known.series()).hasSize(11);
    Telemetry.Timer shared = meters.timer(Metric.named("known").tag("n", "another"));
    assertThat(((Meters.TimerSeries) shared).read(new Workspace()).count()).isEqualTo(2);
    assertThat(refused).hasSize(5);
  }

  @Test
  void gauge_closed_makesRoomForAnother() {
    List<Telemetry.Registration> gauges = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      gauges.add(meters.gauge(Metric.named("g").tag("n", "t" + i), () -> 1));
    }
    gauges.get(0).close();
    meters.counter(Metric.named("c")).add(1);
    assertThat(refused).isEmpty();
  }

  @Test
  void gauge_thatThrows_hasNoValue() {
    Telemetry.Registration unused =
        meters.gauge(
            Metric.named("g"),
            () -> {
              throw new IllegalStateException("a host's gauge");
            });
    Meters.Series series = meters.families().get(0).series().get(0);
    assertThat(((Meters.GaugeSeries) series).value()).isNaN();
  }
}
