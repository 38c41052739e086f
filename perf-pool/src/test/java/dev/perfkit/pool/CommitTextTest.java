package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proves that a commit is found in any spelling, and that other texts are not taken for one. */
class CommitTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COMMIT",
        "commit work and chain",
        "  \n\tCommit;",
        "END",
        "/* a /* nested */ comment */ commit",
        "-- a comment\nend transaction",
        "INSERT INTO t VALUES (1); COMMIT",
        "SELECT ';'; commit",
        "SELECT $$;$$; commit",
        "SELECT $tag$ ; $$ ; $tag$; commit",
        "SELECT E'it\\'s;'; commit",
        "SELECT \"a;b\" FROM t;;; commit",
        "PREPARE TRANSACTION 'x'",
        "COMMIT PREPARED 'x'",
        "CALL p()",
        "{call p()}",
        "{ ? = call p() }",
        "DO $$ BEGIN END $$",
      })
  void text_thatMayCommit_isFound(String sql) {
    assertThat(CommitText.mayCommit(sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SELECT 1",
        "INSERT INTO commit VALUES ('; commit')",
        "SELECT 'x'; -- commit\nSELECT 2",
        "SELECT 1 /* ; commit */",
        "SELECT $$; commit;$$",
        "SELECT $a$ $$; commit $a$",
        "SELECT \"; commit\"",
        "SELECT E'\\'; commit'",
        "UPDATE t SET x = CASE WHEN y THEN 1 END",
        "ROLLBACK",
        "BEGIN",
        "SELECT $1; SELECT $2",
        "commits",
        "endless",
        "SELECT 'it''s; commit'",
      })
  void text_thatDoesNot_isNotFound(String sql) {
    assertThat(CommitText.mayCommit(sql)).isFalse();
  }

  @Property
  void text_any_isRead(@ForAll String sql) {
    assertThat(CommitText.mayCommit("commit;" + sql)).isTrue();
    assertThat(CommitText.mayCommit(sql)).isIn(true, false);
  }
}
