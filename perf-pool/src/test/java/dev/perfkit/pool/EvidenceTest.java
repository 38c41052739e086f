package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Proves what a failure says about its node: only lost connections and silence count against it.
 */
class EvidenceTest {

  @ParameterizedTest
  @CsvSource({
    "08001, CONNECTION",
    "08006, CONNECTION",
    "57P01, CONNECTION",
    "57P02, CONNECTION",
    "57P03, CONNECTION",
    "53300, FULL",
    "28P01, AUTHENTICATION",
    "28000, AUTHENTICATION",
    "08004, AUTHENTICATION",
    "57014, NONE",
    "57P05, NONE",
    "40001, NONE",
    "23505, NONE",
    "25006, NONE"
  })
  void of_sqlState_isClassified(String state, Evidence expected) {
    assertThat(Evidence.of(new SQLException("x", state))).isEqualTo(expected);
  }

  @Test
  void of_lostConnectionCausedByReadTimeout_isTimeout() {
    SQLException failure = new SQLException("x", "08006", new SocketTimeoutException("read"));
    assertThat(Evidence.of(failure)).isEqualTo(Evidence.TIMEOUT);
  }

  @Test
  void of_poolTimeoutWithoutCause_isNone() {
    assertThat(Evidence.of(new SQLTransientConnectionException("timed out after 500ms")))
        .isEqualTo(Evidence.NONE);
  }

  @Test
  void of_poolTimeoutWithCause_isWhatTheCauseSays() {
    SQLException cause = new SQLException("too many clients", "53300");
    assertThat(Evidence.of(new SQLTransientConnectionException("timed out", null, 0, cause)))
        .isEqualTo(Evidence.FULL);
  }

  @Test
  void of_nextException_isLookedAt() {
    SQLException failure = new SQLException("batch", "HY000");
    failure.setNextException(new SQLException("gone", "08006"));
    assertThat(Evidence.of(failure)).isEqualTo(Evidence.CONNECTION);
  }

  @Test
  void of_ioFailure_isConnection() {
    assertThat(Evidence.of(new RuntimeException(new EOFException())))
        .isEqualTo(Evidence.CONNECTION);
  }
}
