package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Proves who does the upkeep: a writer at once, nobody who only reads, and of many steps one. */
class UpkeepTest {

  private final List<Runnable> pool = new ArrayList<>();
  private final Upkeep upkeep = new Upkeep(pool::add);
  private int done;

  private void task() {
    done++;
  }

  @Test
  void execute_afterAWrite_runsAtOnce() {
    upkeep.write();
    upkeep.execute(this::task);
    assertThat(done).isOne();
    assertThat(pool).isEmpty();
  }

  @Test
  void execute_afterReads_isLeftToThePool() {
    upkeep.write();
    upkeep.execute(this::task);
    upkeep.execute(this::task);
    assertThat(done).isOne();
    assertThat(pool).hasSize(1);
  }

  @Test
  void execute_duringManySteps_runsAtTheirEnd() {
    upkeep.begin();
    upkeep.write();
    upkeep.execute(this::task);
    assertThat(done).isZero();
    upkeep.end();
    assertThat(done).isOne();
    assertThat(pool).isEmpty();
  }
}
