package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves what a text is taken for: what only reads, what belongs to one session, and everything
 * else, which a text must never be taken for less than.
 */
class StatementTextTest {

  private static final Set<String> SAFE = Set.of("st_distance");

  private static StatementKind kind(String sql) {
    return StatementText.kindOf(sql, SAFE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "select name from item where id = ?",
        "SELECT i.name FROM item i WHERE i.id = $1 AND i.tags @> '{a}'",
        "  \t\r\n\f SELECT 1 ;  ",
        "SELECT 1; SELECT 2;;",
        "(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1",
        "VALUES (1, 'a'), (2, 'b')",
        "TABLE item",
        "WITH a AS (SELECT 1), b AS MATERIALIZED (SELECT 2) SELECT * FROM a, b",
        "WITH RECURSIVE tree(id, up) AS (SELECT 1, 2) SELECT * FROM tree",
        "SELECT count(*) FILTER (WHERE a > 1) OVER (PARTITION BY (b) ORDER BY c) FROM t",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t",
        "SELECT upper(name), coalesce(a, (b)), pg_catalog.lower(name) FROM item",
        "SELECT CAST(a AS numeric(10, 2)), b::varchar(20), c::geometry(Point, 4326) FROM t",
        "SELECT a FROM t WHERE a IN (1, 2) AND NOT (b OR (c)) AND EXISTS (SELECT 1)",
        "SELECT * FROM (VALUES (1)) AS v(a) JOIN LATERAL (SELECT 2) AS w(b) ON (true)",
        "SELECT * FROM generate_series(1, 10) AS g(n)",
        "SELECT st_distance(a, b) FROM place",
        "SELECT extract(year FROM now()), current_timestamp, date_trunc('day', at) FROM t",
        "SELECT 'DELETE FROM item', \"update\" FROM item -- ; DELETE FROM item",
        "SELECT /* outer /* inner; DELETE FROM item */ still */ 1",
        "SELECT $$; DELETE FROM item$$, $tag$ $$ $tag $tag$",
        "SELECT E'it\\'s; DELETE', e'\\\\', 'it''s', U&'d\\0061t', B'01', X'ff', N'n'",
        "SELECT '\\d+' || '\\\\'",
        "SELECT a$b, _c, \"D\"\"e\", größe FROM t",
        "SELECT 1e10, .5, 0x1f, 1_000",
        "SELECT a -> 'b' #>> '{c}', d || e, ARRAY[1, 2][1], f ?? 'g' FROM t",
        "SELECT a FROM t LIMIT (5) OFFSET (2)",
        "SELECT a FROM t TABLESAMPLE bernoulli",
        "SELECT 1 --\r, 2",
      })
  void text_thatOnlyReads_isRead(String sql) {
    assertThat(kind(sql)).isEqualTo(StatementKind.READ);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SHOW work_mem",
        "EXPLAIN SELECT 1",
        "explain select count(*) from t",
        "SELECT pg_is_in_recovery()",
        "SELECT current_setting('a.b')",
        "SELECT currval('s')",
        "SELECT * FROM pg_stat_activity",
        "SELECT * FROM \"pg_locks\"",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT 1; SHOW work_mem",
      })
  void text_thatAnswersForItsSession_isStateless(String sql) {
    assertThat(kind(sql)).isEqualTo(StatementKind.STATELESS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " -- nothing",
        ";",
        "INSERT INTO item VALUES (1)",
        "UPDATE item SET a = 1",
        "DELETE FROM item",
        "MERGE INTO item USING a ON true WHEN MATCHED THEN DO NOTHING",
        "CREATE TEMP TABLE t AS SELECT 1",
        "BEGIN",
        "COMMIT",
        "SET search_path TO a",
        "RESET ALL",
        "LISTEN news",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "DECLARE c CURSOR FOR SELECT 1",
        "CALL p()",
        "{call p()}",
        "{? = call f(1)}",
        "DO $$ BEGIN END $$",
        "COPY item TO STDOUT",
        "LOCK TABLE item",
        "VACUUM",
        "SELECT 1; DELETE FROM item",
        "SELECT 1\n;\n/* */ CREATE TABLE t ()",
        "SELECT * INTO copied FROM item",
        "SELECT * FROM item FOR UPDATE",
        "SELECT * FROM item FOR NO KEY UPDATE SKIP LOCKED",
        "SELECT * FROM item FOR SHARE",
        "SELECT * FROM item FOR KEY SHARE",
        "WITH gone AS (DELETE FROM item RETURNING *) SELECT * FROM gone",
        "WITH a AS (SELECT 1), b AS (INSERT INTO item VALUES (1) RETURNING 1) SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "EXPLAIN (ANALYZE, BUFFERS) DELETE FROM item",
        "SELECT nextval('s')",
        "SELECT nextval ('s')",
        "SELECT nextval/* */\n('s')",
        "SELECT NEXTVAL('s')",
        "SELECT \"nextval\"('s')",
        "SELECT pg_catalog.nextval('s')",
        "SELECT pg_catalog . nextval('s')",
        "SELECT mine.lower(a) FROM t",
        "SELECT mine.st_distance(a) FROM t",
        "SELECT pg_advisory_lock(1)",
        "SELECT set_config('a.b', 'c', false)",
        "SELECT setval('s', 1)",
        "SELECT unknown_function(1)",
        "SELECT * FROM unknown_function(1)",
        "SELECT DISTINCT ON (a) nextval('s') FROM t",
        "SELECT query_to_xml('DELETE FROM item', true, true, '')",
        "SELECT dblink('x', 'DELETE FROM item')",
        "SELECT txid_current()",
        "SELECT a, (b), nextval('s') FROM t",
        "WITH a AS (SELECT 1) (SELECT 1) ORDER BY (1), nextval('s')",
        "SELECT 'open",
        "SELECT \"open",
        "SELECT $$open",
        "SELECT $tag$open$other$",
        "SELECT E'open\\'",
        "SELECT /* open /* */",
        "SELECT '\\'; DELETE FROM item; --'",
        "SELECT 1 --\r; DELETE FROM item",
        "SELECT 1 /*! ; DELETE FROM item */",
        "SELECT `a` FROM t",
        "SELECT $ 1",
        "SELECT 1 \u0000",
        "SELECT a \\ b",
        "SELECT ran\u212A() FROM t",
        "1",
        "'SELECT'",
        "( )",
        "\"select\" 1",
      })
  void text_thatMayDoMore_isStateful(String sql) {
    assertThat(kind(sql)).isEqualTo(StatementKind.STATEFUL);
  }

  @Test
  void safeFunctions_ofTheHost_countUnquotedAndUnqualifiedOnly() {
    assertThat(StatementText.kindOf("SELECT ST_Distance(a, b) FROM t", Set.of()))
        .isEqualTo(StatementKind.STATEFUL);
    assertThat(kind("SELECT ST_Distance(a, b) FROM t")).isEqualTo(StatementKind.READ);
    assertThat(kind("SELECT \"st_distance\"(a, b) FROM t")).isEqualTo(StatementKind.STATEFUL);
  }

  /** Whatever a text leaves open must not hide what follows it. */
  @Property
  void texts_ofPieces_hideNothing(@ForAll("texts") String sql) {
    StatementKind alone = kind(sql);
    if (alone != StatementKind.STATEFUL) {
      assertThat(kind(sql + "\n; DELETE FROM item")).isEqualTo(StatementKind.STATEFUL);
      assertThat(kind("/* */" + sql + "\n--\n")).isEqualTo(alone);
    }
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "a", "'", "\"", "$", "$t$", "--", "/*", "*/", "\n", ";", "(", ")", "\\", "E'", "1", ".",
            "::", "select ", "nextval", "upper", " as ", " with ", ",", "?")
        .list()
        .ofMaxSize(12)
        .map(pieces -> "SELECT 1 " + String.join("", pieces));
  }
}
