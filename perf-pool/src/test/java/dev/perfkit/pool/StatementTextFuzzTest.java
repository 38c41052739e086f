package dev.perfkit.pool;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Set;

/**
 * Proves that no text makes its reading fail, and that no text hides what stands before or after
 * it. Runs its seeds in every build; searches when {@code JAZZER_FUZZ=1}.
 */
class StatementTextFuzzTest {

  private static final Set<String> SAFE = Set.of("mine");

  @FuzzTest
  void kindOf_anyText_isReadToItsEnd(FuzzedDataProvider data) {
    String sql = data.consumeRemainingAsString();
    StatementKind alone = StatementText.kindOf(sql, SAFE);
    if (alone == StatementKind.STATEFUL) {
      return;
    }
    requireKind(StatementKind.STATEFUL, sql + "\n; DELETE FROM item");
    requireKind(StatementKind.STATEFUL, "COMMIT; " + sql);
    requireKind(alone.and(StatementKind.STATELESS), sql + "\n; SHOW all");
    requireKind(alone, " /* x */ " + sql + "\n-- x");
  }

  private static void requireKind(StatementKind expected, String sql) {
    StatementKind found = StatementText.kindOf(sql, SAFE);
    if (found != expected) {
      throw new AssertionError("must be " + expected + " but was " + found + ": " + sql);
    }
  }
}
