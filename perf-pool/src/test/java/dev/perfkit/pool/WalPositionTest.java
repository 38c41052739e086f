package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a server said of itself counts for what it showed, if both were in the same life of it. */
class WalPositionTest {

  private static final WalPosition OPEN_AT_100_ASKED_AT_200 =
      new WalPosition(false, 1, 1, 4_711, 100, 200);

  @Test
  void covers_readWithinTheConnectionAndBeforeTheQuestion_isTrue() {
    assertThat(OPEN_AT_100_ASKED_AT_200.covers(110, 150)).isTrue();
    assertThat(OPEN_AT_100_ASKED_AT_200.covers(100, 200)).isTrue();
  }

  @Test
  void covers_lateAnswerToAQuestionFromBeforeARestart_isFalse() {
    assertThat(OPEN_AT_100_ASKED_AT_200.covers(90, 150)).isFalse();
  }

  @Test
  void covers_answerAfterTheQuestion_isFalse() {
    assertThat(OPEN_AT_100_ASKED_AT_200.covers(110, 201)).isFalse();
  }
}
