package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.spi.Event;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves in fake time that encoding keeps to its budget whatever the load, by lower levels first
 * and identity then; that it comes back when there is time again, without swinging; and that who
 * forbids identity is served all the same.
 */
class CpuBudgetTest {

  private static final int PROCESSORS = 4;
  private static final double SHARE = 0.05;

  private final FakeTimeSource time = FakeTimeSource.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final RecordingEvents events = RecordingEvents.create();
  private final List<Integer> rungs = new ArrayList<>();
  private final CpuBudget budget =
      new CpuBudget("web", SHARE, PROCESSORS, time, telemetry, rungs::add);

  @AfterEach
  void close() {
    budget.close();
  }

  @Test
  void load_underTheBudget_changesNothing() {
    assertThat(run(20, 1_000, Duration.ofNanos(100_000))).isEqualTo(20_000);
    assertThat(rungs).isEmpty();
    assertThat(telemetry.value("compress.budget.use", "compressor", "web")).isEqualTo(0.025);
    assertThat(budget.level(6, 1)).isEqualTo(6);
  }

  @Test
  void load_farOverTheBudget_isHeldToItAndTakesTheFastestLevels() {
    int admitted = run(60, 1_000, Duration.ofMillis(1));
    double used = admitted * 1e-3 / 60 / PROCESSORS;
    assertThat(used).as("share used").isBetween(SHARE * 0.9, SHARE * 1.05);
    assertThat(rungs).containsExactly(1, 2, 3);
    assertThat(budget.level(3, 1)).isEqualTo(1);
    assertThat(budget.level(6, 1)).isEqualTo(1);
    assertThat(budget.level(5, 0)).isZero();
  }

  @Test
  void twoPercentOfTwoProcessors_at2000ResponsesOf10Kilobytes_holdsAndStillSavesMost() {
    CpuBudget two = new CpuBudget("t", 0.02, 2, time, telemetry, rung -> {});
    int admitted = 0;
    long spent = 0;
    for (int i = 0; i < 60 * 2_000; i++) {
      time.advance(Duration.ofNanos(500_000));
      if (two.admits(time.nanoTime())) {
        // 21 us at zstd-3, 20 at zstd-1, and a quarter more for the noise of a busy machine.
        long nanos = two.level(3, 1) == 3 ? 26_000 : 25_000;
        two.spend(nanos, time.nanoTime());
        spent += nanos;
        admitted++;
      }
    }
    assertThat(spent / 60e9 / 2).as("share used").isLessThan(0.02 * 1.02);
    assertThat(admitted / (60 * 2_000.0)).as("share of the savings").isGreaterThan(0.6);
    two.close();
  }

  @Test
  void burst_afterSilence_isHeldToTheBudgetOfASecond() {
    time.advance(Duration.ofHours(1));
    int admitted = 0;
    while (budget.admits(time.nanoTime())) {
      budget.spend(Duration.ofMillis(1).toNanos(), time.nanoTime());
      admitted++;
    }
    assertThat(admitted).isEqualTo((int) (1_000 * SHARE * PROCESSORS) + 1);
  }

  @Test
  void load_thatEnds_bringsTheWantedLevelsBackOneByOne() {
    run(10, 1_000, Duration.ofMillis(1));
    assertThat(budget.rung()).isEqualTo(3);
    run(3, 10, Duration.ofNanos(10_000));
    assertThat(budget.rung()).as("not at once").isEqualTo(3);
    run(30, 10, Duration.ofNanos(10_000));
    assertThat(rungs).containsExactly(1, 2, 3, 2, 1, 0);
  }

  @Test
  void silence_always_countsAsCalm() {
    run(10, 1_000, Duration.ofMillis(1));
    time.advance(Duration.ofHours(10));
    assertThat(budget.admits(time.nanoTime())).isTrue();
    assertThat(budget.rung()).isZero();
  }

  @Test
  void load_betweenTheThresholds_doesNotSwing() {
    run(5, 1_000, Duration.ofMillis(1));
    rungs.clear();
    run(200, 1_000, Duration.ofNanos(120_000)); // 60 % of the budget
    assertThat(rungs).isEmpty();
  }

  @Test
  void level_onEachRung_isNeverHigherThanBefore() {
    for (int wanted = 1; wanted <= 19; wanted++) {
      CpuBudget other = new CpuBudget("b", 0.001, 1, time, telemetry, rung -> {});
      int before = wanted;
      for (int second = 0; second < 5; second++) {
        assertThat(other.level(wanted, 1)).isBetween(1, before);
        before = other.level(wanted, 1);
        other.spend(Duration.ofSeconds(1).toNanos(), time.nanoTime());
        time.advance(Duration.ofSeconds(1));
        boolean refused = other.admits(time.nanoTime());
        assertThat(refused).isFalse();
      }
      assertThat(before).isEqualTo(1);
      other.close();
    }
  }

  @Test
  void unlimited_always_admits() {
    CpuBudget none =
        new CpuBudget("n", CpuBudget.UNLIMITED, 1, time, telemetry, rung -> rungs.add(rung));
    none.spend(Duration.ofDays(1).toNanos(), time.nanoTime());
    time.advance(Duration.ofSeconds(5));
    assertThat(none.admits(time.nanoTime())).isTrue();
    assertThat(telemetry.value("compress.budget.use", "compressor", "n")).isNaN();
    none.knob().set(0.01);
    none.spend(Duration.ofDays(1).toNanos(), time.nanoTime());
    assertThat(none.admits(time.nanoTime())).as("limited from now on").isFalse();
    none.close();
  }

  @Test
  void knobs_always_offerTheBudget() {
    assertThat(budget.knob().name()).isEqualTo("cpu-budget");
    assertThat(budget.knob().value()).isEqualTo(SHARE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResponseCompressor.named("web").cpuBudget(0))
        .withMessage("cpuBudget must be between 0.001 and 1.0 but was 0.0");
  }

  @Test
  void responses_overTheBudget_goOutAsIdentityUnlessThatIsForbidden() {
    FailingCodec slow = new FailingCodec(() -> time.advance(Duration.ofSeconds(10)));
    try (ResponseCompressor web =
        ResponseCompressor.named("web")
            .prefer(Coding.GZIP)
            .codecs(coding -> Codecs.Availability.of(slow))
            .cpuBudget(0.01)
            .telemetry(telemetry)
            .events(events)
            .timeSource(time)
            .build()) {
      assertThat(get(web, "gzip").reason()).isEqualTo(Reason.ENCODED);
      Decision refused = get(web, "gzip");
      assertThat(refused.reason()).isEqualTo(Reason.CPU_BUDGET);
      assertThat(refused.changes().set()).containsOnlyKeys("Vary");
      assertThat(get(web, "gzip, identity;q=0").reason()).isEqualTo(Reason.ENCODED);
      assertThat(web.stream(web.decide(request("gzip"), head())).decision().reason())
          .isEqualTo(Reason.CPU_BUDGET);
      for (int i = 0; i < 3; i++) {
        time.advance(Duration.ofSeconds(1));
        get(web, "gzip");
      }
      assertThat(events.types()).contains("cpu-budget-tight");
      time.advance(Duration.ofHours(2));
      assertThat(get(web, "gzip").reason()).isEqualTo(Reason.ENCODED);
      assertThat(events.types()).contains("cpu-budget-eased");
      assertThat(events.events()).extracting(Event::source).containsOnly("compress/web");
      assertThat(telemetry.count("compress.cpu", "compressor", "web"))
          .isEqualTo(Duration.ofSeconds(30).toNanos());
    }
  }

  /** Lets so many bodies a second come, each of which takes so long; returns how many may begin. */
  private int run(int seconds, int perSecond, Duration each) {
    int admitted = 0;
    for (int i = 0; i < seconds * perSecond; i++) {
      time.advance(Duration.ofSeconds(1).dividedBy(perSecond));
      if (budget.admits(time.nanoTime())) {
        budget.spend(each.toNanos(), time.nanoTime());
        admitted++;
      }
    }
    return admitted;
  }

  private static Decision get(ResponseCompressor web, String accept) {
    return web.compress(request(accept), head(), Bodies.text(5_000)).decision();
  }

  private static RequestHead request(String accept) {
    return new RequestHead("GET", name -> name.equals("Accept-Encoding") ? List.of(accept) : null);
  }

  private static ResponseHead head() {
    return ResponseHead.of(
        200, name -> name.equals("Content-Type") ? List.of("application/json") : null);
  }
}
