package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** Proves that what texts are is remembered, within bounds, and what a replica refused as well. */
class StatementKindsTest {

  private final StatementKinds kinds = new StatementKinds(Set.of("mine"));

  @Test
  void of_sameText_isReadOnceAndTheSame() {
    assertThat(kinds.of("SELECT mine(1)")).isEqualTo(StatementKind.READ);
    assertThat(kinds.of("SELECT mine(1)")).isEqualTo(StatementKind.READ);
    assertThat(kinds.of("SELECT yours(1)")).isEqualTo(StatementKind.STATEFUL);
    assertThat(kinds.size()).isEqualTo(2);
  }

  @Test
  void of_manyTexts_keepsWhatIsUsedWithinTheBound() {
    String used = "SELECT 'used'";
    kinds.refused(used);
    for (int i = 0; i < 10 * StatementKinds.GENERATION; i++) {
      assertThat(kinds.of("SELECT " + i)).isEqualTo(StatementKind.READ);
      assertThat(kinds.of(used)).isEqualTo(StatementKind.STATELESS);
    }
    assertThat(kinds.size()).isLessThanOrEqualTo(2 * StatementKinds.GENERATION);
  }

  @Test
  void of_longText_isReadAndNotKept() {
    String sql = "SELECT '" + "x".repeat(StatementKinds.LONGEST_KEPT) + "'";
    assertThat(kinds.of(sql)).isEqualTo(StatementKind.READ);
    assertThat(kinds.size()).isZero();
  }

  @Test
  void of_veryLongText_mayDoAnything() {
    String sql = "SELECT '" + "x".repeat(StatementKinds.LONGEST_READ) + "'";
    assertThat(kinds.of(sql)).isEqualTo(StatementKind.STATEFUL);
    assertThat(kinds.size()).isZero();
  }

  @Test
  void refused_text_isForThePrimaryFromThenOn() {
    assertThat(kinds.of("SELECT * FROM a_view")).isEqualTo(StatementKind.READ);
    kinds.refused("SELECT * FROM a_view");
    assertThat(kinds.of("SELECT * FROM a_view")).isEqualTo(StatementKind.STATELESS);
  }
}
