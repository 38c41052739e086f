package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Rules on series that come and go, and counts that grow, over days that a test makes up. */
final class ThresholdsTest {

  private static final long WINDOW = Duration.ofMinutes(5).toNanos();

  private final Meters meters = new Meters(100, List.of(), (metric, reason) -> {});
  private final Services services =
      new Services(
          new Services.Settings(
              10,
              false,
              List.of(),
              Duration.ZERO,
              1 << 20,
              1,
              Telemetry.none().counter(Metric.named("a")),
              Telemetry.none().counter(Metric.named("b"))),
          new Clock(FakeTimeSource.create(), 0),
          () -> {},
          name -> null);
  private final AlertBoard board = new AlertBoard();
  private final List<Alert.State> sent = new ArrayList<>();
  private final Workspace scratch = new Workspace();
  private Thresholds thresholds =
      new Thresholds(List.of(AlertRule.above("queue", Signal.gauge("queue.size"), 3)));

  @Test
  void gauge_thatIsUnregistered_hasNoDataAndIsForgottenAfterADay() {
    Telemetry.Registration gauge =
        meters.gauge(Metric.named("queue.size").tag("queue", "q"), () -> 9);
    judge(0);
    judge(60);
    gauge.close();
    judge(65);
    judge(130);
    assertThat(sent).containsExactly(Alert.State.FIRING, Alert.State.NO_DATA);
    judge(60 + 86_400);
    assertThat(board.current()).hasSize(1);
    judge(70 + 86_400);
    assertThat(board.current()).isEmpty();
    assertThat(thresholds.findings()).isEmpty();
    assertThat(sent).as("nobody knows that it is over").hasSize(2);
  }

  @Test
  void gauge_thatNeverFired_isForgottenAtOnce() {
    Telemetry.Registration gauge = meters.gauge(Metric.named("queue.size"), () -> 1);
    judge(0);
    assertThat(thresholds.findings()).hasSize(1);
    gauge.close();
    judge(5);
    assertThat(thresholds.findings()).isEmpty();
  }

  @Test
  void ratio_withoutEvents_isNoDataAndNotHundredPercent() {
    Signal ratio =
        Signal.ratio("hits", List.of("c.hits"), List.of("c.gets"), Window.ONE_MINUTE).atLeast(1);
    thresholds = new Thresholds(List.of(AlertRule.below("hits", ratio, 0.5)));
    meters.counter(Metric.named("c.gets")).add(5);
    judge(0);
    judge(5);
    assertThat(thresholds.findings())
        .extracting(Thresholds.Finding::state)
        .containsExactly(Alert.State.NO_DATA);
    meters.counter(Metric.named("c.gets")).add(4);
    meters.counter(Metric.named("c.hits")).add(3);
    judge(10);
    assertThat(thresholds.findings()).extracting(Thresholds.Finding::value).containsExactly(0.75);
  }

  @Property
  void trail_anyCounts_isWhatCameSinceTheWindowBegan(
      @ForAll @Size(min = 1, max = 300) List<@IntRange(min = 0, max = 50) Integer> counts) {
    Trail trail = new Trail(WINDOW);
    long[] totals = new long[counts.size()];
    for (int i = 0; i < counts.size(); i++) {
      totals[i] = counts.get(i) + (i == 0 ? 0 : totals[i - 1]);
      long now = Duration.ofSeconds(5L * i).toNanos();
      long grown = trail.grownBy(now, totals[i], 2 * totals[i])[0];
      int start = Math.max(0, i - 60);
      assertThat(grown).isEqualTo(totals[i] - totals[start]);
    }
  }

  private void judge(long second) {
    long now = Duration.ofSeconds(second).toNanos();
    thresholds.evaluate(
        new SignalReader.Sources(services, meters, scratch, now),
        second * 1_000,
        new Exclusions(),
        board);
    board.send(alert -> sent.add(alert.state()));
  }
}
