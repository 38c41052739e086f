package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.cache.Marks.Clock;
import dev.perfkit.cache.Marks.Mark;
import dev.perfkit.cache.Marks.Reading;
import dev.perfkit.cache.Marks.Step;
import dev.perfkit.cache.Marks.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Proves what the logical clock makes of values, and that it notices what it missed. */
class MarksTest {

  private static final long GENESIS = 7;
  private static final List<String> RED = List.of("red");

  private final Marks marks = new Marks();

  MarksTest() {
    adopt(10, "id10", 0, Map.of());
  }

  private boolean adopt(long time, String id, long floor, Map<String, Mark> all) {
    return marks.adopt(
        new Clock(GENESIS, time, id, floor, all, List.of()), marks.reading(), marks.lastId(), 0);
  }

  private Verdict judge(Reading then, String... tags) {
    return marks.judge(then, List.of(tags));
  }

  @Test
  void judge_markedAfterTheLoadBegan_isDead() {
    Reading before = marks.reading();
    assertThat(marks.apply(GENESIS, 11, "a", "red", true)).isEqualTo(Step.APPLIED);
    assertThat(judge(before, "red")).isEqualTo(Verdict.DEAD);
    assertThat(judge(before, "blue")).isEqualTo(Verdict.VALID);
    assertThat(judge(marks.reading(), "red")).isEqualTo(Verdict.VALID);
  }

  @Test
  void judge_softMark_isExpiredAndHardWins() {
    Reading before = marks.reading();
    marks.apply(GENESIS, 11, "a", "red", false);
    assertThat(judge(before, "red")).isEqualTo(Verdict.EXPIRED);
    assertThat(judge(before, "blue", "red")).isEqualTo(Verdict.EXPIRED);
    marks.apply(GENESIS, 12, "b", "red", true);
    marks.apply(GENESIS, 13, "c", "red", false);
    assertThat(judge(before, "red")).isEqualTo(Verdict.DEAD);
  }

  @Test
  void judge_everythingMarked_neverMindsTheTags() {
    Reading before = marks.reading();
    marks.apply(GENESIS, 11, "a", Marks.ALL, false);
    assertThat(judge(before)).isEqualTo(Verdict.EXPIRED);
    marks.apply(GENESIS, 12, "b", Marks.ALL, true);
    assertThat(judge(before)).isEqualTo(Verdict.DEAD);
    assertThat(judge(marks.reading())).isEqualTo(Verdict.VALID);
  }

  @Test
  void judge_anotherGenesis_isDead() {
    Reading before = marks.reading();
    marks.adopt(new Clock(8, 10, "id10", 0, Map.of(), List.of()), before, "id10", 0);
    assertThat(judge(before)).isEqualTo(Verdict.DEAD);
    assertThat(judge(marks.reading())).isEqualTo(Verdict.VALID);
  }

  @Test
  void judge_markedOnThisNodeAlone_isDeadUntilLoadedAgain() {
    Reading before = marks.reading();
    marks.markHere("red", true);
    assertThat(judge(before, "red")).isEqualTo(Verdict.DEAD);
    assertThat(judge(before, "blue")).isEqualTo(Verdict.VALID);
    assertThat(judge(marks.reading(), "red")).isEqualTo(Verdict.VALID);
    assertThat(marks.reading().clock()).as("never leaves this node").isEqualTo(10);
  }

  @Test
  void apply_aGap_marksButDoesNotClaimToKnowWhatWasMissed() {
    Reading before = marks.reading();
    assertThat(marks.apply(GENESIS, 13, "c", "red", true)).isEqualTo(Step.GAP);
    assertThat(judge(before, "red")).isEqualTo(Verdict.DEAD);
    assertThat(marks.reading()).isEqualTo(before);
    assertThat(adopt(13, "c", 0, Map.of("red", new Mark(13, 0), "blue", new Mark(12, 0)))).isTrue();
    assertThat(judge(before, "blue")).isEqualTo(Verdict.DEAD);
    assertThat(marks.reading().clock()).isEqualTo(13);
  }

  @Test
  void apply_twiceTheSame_isNothingAndAnotherAtThatTimeAFork() {
    marks.apply(GENESIS, 11, "a", "red", true);
    assertThat(marks.apply(GENESIS, 11, "a", "red", true)).isEqualTo(Step.APPLIED);
    assertThat(marks.apply(GENESIS, 11, "other", "blue", true)).isEqualTo(Step.FORK);
    assertThat(marks.apply(9, 12, "x", "red", true)).as("of another genesis").isEqualTo(Step.GAP);
  }

  @Test
  void adopt_runningBackwardsOrAnotherId_isAFork() {
    assertThat(adopt(9, "id9", 0, Map.of())).isFalse();
    assertThat(adopt(10, "another", 0, Map.of())).isFalse();
    assertThat(adopt(10, "id10", 0, Map.of())).isTrue();
  }

  @Test
  void floor_ofRedisOrOfTooManyMarks_makesOlderValuesDead() {
    Reading before = marks.reading();
    adopt(20, "id20", 15, Map.of());
    assertThat(judge(before, "whatever")).isEqualTo(Verdict.DEAD);
    Reading between = marks.reading();
    for (int i = 1; i <= Marks.CAPACITY + 1; i++) {
      marks.apply(GENESIS, 20 + i, "i" + i, "t" + i, true);
    }
    assertThat(judge(between, "whatever")).as("forgotten marks").isEqualTo(Verdict.DEAD);
    assertThat(judge(marks.reading(), RED.get(0))).isEqualTo(Verdict.VALID);
  }

  @Test
  void version_movesWithEveryChange() {
    long version = marks.version();
    marks.apply(GENESIS, 11, "a", "red", true);
    assertThat(marks.version()).isGreaterThan(version);
    version = marks.version();
    marks.markHere("red", false);
    assertThat(marks.version()).isGreaterThan(version);
    version = marks.version();
    adopt(11, "a", 0, Map.of());
    assertThat(marks.version()).as("nothing new").isEqualTo(version);
  }
}
