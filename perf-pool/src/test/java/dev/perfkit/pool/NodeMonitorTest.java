package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves when a node is asked and what is told of it: seldom while calm, often while not, at once
 * on demand, never twice at the same time; silence is noticed although nothing returns.
 */
class NodeMonitorTest {

  private static final NodeMonitor.Pace PACE =
      new NodeMonitor.Pace(
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofMillis(500),
          Duration.ofSeconds(5));

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final Queue<Runnable> started = new ArrayDeque<>();
  private final List<String> told = new ArrayList<>();
  private boolean calm = true;
  private boolean refuse;
  private int asked;
  private int aborted;
  private boolean fail;

  private final NodeMonitor monitor =
      new NodeMonitor(new Probe(), new Told(), PACE, this::start, scheduler);

  private void start(Runnable question) {
    if (refuse) {
      throw new RejectedExecutionException();
    }
    started.add(question);
  }

  private final class Probe implements RoleProbe {

    @Override
    public Answer ask() throws SQLException {
      asked++;
      if (fail) {
        throw new SQLException("refused", "08001");
      }
      return Answer.of(NodeRole.REPLICA);
    }

    @Override
    public void abort() {
      aborted++;
    }

    @Override
    public void renew() {
      told.add("renewed");
    }

    @Override
    public void close() {
      told.add("closed");
    }
  }

  private final class Told implements NodeMonitor.Listener {

    @Override
    public void answered(Answer answer) {
      told.add("answered " + answer.role());
    }

    @Override
    public void failed(Exception failure) {
      told.add("failed " + failure.getMessage());
    }

    @Override
    public void overdue(Duration waited) {
      told.add("overdue " + waited.toMillis());
    }

    @Override
    public boolean isCalm() {
      return calm;
    }
  }

  private void answer() {
    Runnable question = started.poll();
    assertThat(question).isNotNull();
    question.run();
  }

  @AfterEach
  void noTaskFailed() {
    assertThat(scheduler.failures()).isEmpty();
  }

  @Test
  void probe_nodeIsCalm_isAskedAgainAfterTheLongInterval() {
    monitor.probeNow();
    answer();
    time.advance(Duration.ofMillis(9_999));
    assertThat(started).isEmpty();
    time.advance(Duration.ofMillis(1));
    answer();
    assertThat(told).containsExactly("answered REPLICA", "answered REPLICA");
  }

  @Test
  void probe_nodeIsNotCalm_isAskedAgainAfterTheShortInterval() {
    calm = false;
    fail = true;
    monitor.probeNow();
    answer();
    time.advance(Duration.ofMillis(999));
    assertThat(started).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(started).hasSize(1);
    assertThat(told).containsExactly("failed refused");
  }

  @Test
  void probe_neverReturns_isOverdueAgainAndAgainAndNotAskedTwice() {
    monitor.probeNow();
    answer();
    monitor.probeNow();
    time.advance(Duration.ofMillis(500));
    time.advance(Duration.ofSeconds(2));
    assertThat(told)
        .containsExactly("answered REPLICA", "overdue 500", "overdue 750", "overdue 1750");
    assertThat(aborted).isEqualTo(3);
    assertThat(started).hasSize(1);
    answer();
    assertThat(told).endsWith("answered REPLICA");
  }

  @Test
  void probe_first_hasTheLongerTimeout() {
    monitor.probeNow();
    time.advance(Duration.ofMillis(4_999));
    assertThat(told).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(told).containsExactly("overdue 5000");
  }

  @Test
  void probeNow_whileAsking_asksOnceMoreAfterwards() {
    monitor.probeNow();
    monitor.probeNow();
    monitor.probeNow();
    assertThat(started).hasSize(1);
    answer();
    assertThat(started).hasSize(1);
    answer();
    assertThat(started).isEmpty();
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void probeNow_whileWaiting_asksAtOnceAndForgetsTheWait() {
    monitor.probeNow();
    answer();
    monitor.probeNow();
    answer();
    assertThat(scheduler.waiting()).isEqualTo(1);
  }

  @Test
  void probe_executorRefuses_isTriedAgainAndTellsNothing() {
    refuse = true;
    monitor.probeNow();
    refuse = false;
    time.advance(Duration.ofSeconds(1));
    answer();
    assertThat(told).containsExactly("answered REPLICA");
  }

  @Test
  void close_whileAsking_tellsNothingMore() {
    monitor.probeNow();
    monitor.close();
    answer();
    time.advance(Duration.ofMinutes(1));
    assertThat(told).containsOnly("closed");
    assertThat(scheduler.waiting()).isZero();
  }
}
