package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Proves the decision function twice over every combination of what matters: against a table that
 * gives the outcome of each row, and against rules of the RFCs that must hold in every row, stated
 * without the table.
 */
class DecisionTableTest {

  private static final String ACCEPTS =
      "nothing gzip zstd both identity-best no-identity only-br none";

  /**
   * The columns, with the values that are combined.
   *
   * <p>{@code accepts}: what Accept-Encoding asks for. {@code asks}: whether the request has a
   * Range. {@code route}: the policy of the route. {@code length}: what is known of the body.
   */
  private static final Map<String, List<String>> COLUMNS =
      columns(
          "policy: identity 406",
          "route: on off secret",
          "method: GET HEAD POST",
          "status: 103 200 204 205 206 304 404",
          "range: - bytes",
          "asks: all part",
          "encoded: - identity br",
          "cache: - no-transform",
          "type: json svg png events none",
          "accepts: " + ACCEPTS,
          "length: unknown 0 small large");

  /**
   * The outcome of the first line that matches a row; {@code .} matches anything, {@code a|b}
   * either. The last two columns are reason and Vary.
   */
  private static final List<List<String>> TABLE =
      table(
          """
          route  policy method   asks status      range encoded    cache        type      accepts                   length      reason             vary
          .      .      .        .    304         .     -          -            none      .                         .           status             yes
          .      .      .        .    304         .     -          -            json|svg|events .                   .           status             yes
          .      .      .        .    103|204|205|304 . .          .            .         .                         .           status             no
          .      .      .        .    .           .     .          .            .         .                         0           no_body            no
          .      .      .        .    206         .     -          -            json|svg|events|none .              .           partial            yes
          .      .      .        .    .           bytes -          -            json|svg|events|none .              .           partial            yes
          .      .      .        .    206         .     .          .            .         .                         .           partial            no
          .      .      .        .    .           bytes .          .            .         .                         .           partial            no
          .      .      .        .    .           .     br         .            .         .                         .           already_encoded    no
          .      .      .        .    .           .     .          no-transform .         .                         .           no_transform       no
          .      .      .        .    .           .     .          .            png|none  .                         .           content_type       no
          off    .      .        .    .           .     .          .            .         .                         .           off                no
          secret .      GET|HEAD .    200         .     .          .            .         none|no-identity          .           not_acceptable     yes
          secret .      .        .    .           .     .          .            .         .                         .           secret             yes
          .      406    GET|HEAD .    200         .     .          .            .         none                      .           not_acceptable     yes
          .      .      .        .    .           .     .          .            .         none                      .           not_accepted       yes
          .      .      .        .    .           .     .          .            .         nothing|only-br           .           not_accepted       yes
          .      .      .        .    .           .     .          .            .         identity-best             .           identity_preferred yes
          .      .      .        .    .           .     .          .            .         no-identity               .           encoded            yes
          .      .      GET      part .           .     .          .            .         .                         .           range              yes
          .      .      .        .    .           .     .          .            .         .                         small       too_small          yes
          .      .      .        .    .           .     .          .            .         .                         .           encoded            yes
          """);

  private static final Map<String, String> ACCEPT_ENCODING =
      Map.of(
          "gzip", "gzip",
          "zstd", "zstd;q=0.5, gzip;q=0.4",
          "both", "gzip, deflate, br, zstd",
          "identity-best", "identity, gzip;q=0.9, zstd;q=0.8",
          "no-identity", "gzip;q=0.1, identity;q=0",
          "only-br", "br",
          "none", "br, *;q=0");

  private static final Map<String, String> CONTENT_TYPE =
      Map.of(
          "json", "application/json; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "events", "text/event-stream");

  private static final Map<String, Integer> LENGTH = Map.of("0", 0, "small", 1023, "large", 1024);

  @Test
  void decide_everyRow_isAsTheTableSays() {
    List<Row> rows = rows();
    assertThat(rows).hasSizeGreaterThan(10_000);
    for (Row row : rows) {
      List<String> expected = expected(row);
      Decision decision = decide(row);
      assertThat(decision.reason().code()).as("reason of %s", row).isEqualTo(expected.get(0));
      assertThat(decision.changes().set().containsKey("Vary") ? "yes" : "no")
          .as("Vary of %s", row)
          .isEqualTo(expected.get(1));
    }
  }

  @Test
  void table_everyLine_isTheOutcomeOfARow() {
    Set<List<String>> used = new HashSet<>();
    rows().forEach(row -> used.add(lineOf(row)));
    assertThat(used).containsAll(TABLE.subList(1, TABLE.size()));
  }

  @Test
  void encoded_always_isPermittedByClientAndApplication() {
    for (Row row : rows()) {
      Decision decision = decide(row);
      if (decision.encodes()) {
        assertThat(decision.reason()).as("%s", row).isEqualTo(Reason.ENCODED);
        assertThat(row.get("accepts")).as("%s", row).isIn("gzip", "zstd", "both", "no-identity");
        assertThat(ACCEPT_ENCODING.get(row.get("accepts"))).contains(decision.coding().token());
        assertThat(row.get("status")).as("%s", row).isIn("200", "404");
        assertThat(row.get("range")).as("%s", row).isEqualTo("-");
        assertThat(row.get("encoded")).as("%s", row).isNotEqualTo("br");
        assertThat(row.get("cache")).as("%s", row).isEqualTo("-");
        assertThat(row.get("type")).as("%s", row).isIn("json", "svg", "events");
        assertThat(row.get("length")).as("%s", row).isNotEqualTo("0");
        assertThat(row.get("route")).as("%s", row).isEqualTo("on");
        assertThat(
                row.get("asks").equals("part")
                    && row.get("method").equals("GET")
                    && !row.get("accepts").equals("no-identity"))
            .as("a range is of the identity body: %s", row)
            .isFalse();
        assertThat(decision.changes().set())
            .containsEntry("Content-Encoding", decision.coding().token())
            .containsEntry("ETag", "W/\"tag\"");
        assertThat(decision.changes().removed())
            .contains("Accept-Ranges", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest");
      }
    }
  }

  @Test
  void notEncoded_always_leavesTheBodysFieldsAlone() {
    for (Row row : rows()) {
      Decision decision = decide(row);
      if (!decision.encodes() && !decision.dropsBody()) {
        assertThat(decision.changes().removed()).as("%s", row).isEmpty();
        assertThat(decision.changes().set().keySet()).as("%s", row).isSubsetOf("Vary");
        assertThat(decision.status()).as("%s", row).hasToString(row.get("status"));
      }
    }
  }

  @Test
  void outcome_thatDependsOnAcceptEncoding_varies() {
    for (Row row : rows()) {
      boolean depends =
          Stream.of(ACCEPTS.split(" ", -1))
                  .map(other -> decide(row.with("accepts", other)))
                  .map(decision -> decision.coding() + " " + decision.status())
                  .distinct()
                  .count()
              > 1;
      if (depends) {
        assertThat(decide(row).changes().set())
            .as("%s", row)
            .containsEntry("Vary", "Accept-Encoding");
      }
    }
  }

  @Test
  void part_always_variesAsTheWholeWould() {
    for (Row row : rows()) {
      if (row.get("status").equals("200")
          && row.get("range").equals("-")
          && row.get("encoded").equals("-")
          && !row.get("type").equals("none")
          && row.get("route").equals("on")
          && !row.get("length").equals("0")) {
        for (String status : List.of("206", "304")) {
          assertThat(decide(row.with("status", status)).changes().set().get("Vary"))
              .as("%s of %s", status, row)
              .isEqualTo(decide(row).changes().set().get("Vary"));
        }
      }
    }
  }

  @Test
  void head_always_isDecidedAsGet() {
    for (Row row : rows()) {
      if (row.get("method").equals("HEAD")) {
        Decision head = decide(row);
        Decision get = decide(row.with("method", "GET").with("asks", "all"));
        assertThat(head.toString()).as("%s", row).isEqualTo(get.toString());
        assertThat(head.changes()).as("%s", row).isEqualTo(get.changes());
      }
    }
  }

  @Test
  void identityForbidden_always_overridesSize() {
    for (Row row : rows()) {
      if (row.get("accepts").equals("no-identity")) {
        assertThat(decide(row).reason()).as("%s", row).isNotEqualTo(Reason.TOO_SMALL);
      }
    }
  }

  @Test
  void refused_always_isASafeRequestThatSucceededAndLosesItsBody() {
    for (Row row : rows()) {
      Decision decision = decide(row);
      if (decision.status() == 406) {
        assertThat(row.get("policy").equals("406") || row.get("route").equals("secret"))
            .as("%s", row)
            .isTrue();
        assertThat(row.get("method")).as("%s", row).isIn("GET", "HEAD");
        assertThat(row.get("status")).as("%s", row).isEqualTo("200");
        assertThat(decision.changes().set()).containsEntry("Content-Length", "0");
        assertThat(decision.changes().removed()).contains("ETag", "Content-Type");
      }
    }
  }

  private static Decision decide(Row row) {
    DecisionRules rules =
        new DecisionRules(
            List.of(Coding.ZSTD, Coding.GZIP),
            1024,
            Set.of(),
            row.get("policy").equals("406") ? Unacceptable.STATUS_406 : Unacceptable.IDENTITY,
            Bodies.weakTags(Coding.ZSTD, Coding.GZIP),
            false,
            DictionaryRules.NONE);
    Map<String, String> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    put(request, "Accept-Encoding", ACCEPT_ENCODING.get(row.get("accepts")));
    put(request, "Range", row.get("asks").equals("all") ? null : "bytes=0-9");
    Map<String, String> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    put(response, "Content-Type", CONTENT_TYPE.get(row.get("type")));
    put(response, "Content-Range", row.get("range").equals("-") ? null : "bytes 0-9/10");
    put(response, "Content-Encoding", row.get("encoded").equals("-") ? null : row.get("encoded"));
    put(response, "Cache-Control", row.get("cache").equals("-") ? null : "public, No-Transform");
    for (String digest : List.of("Content-MD5", "Digest", "Content-Digest", "Repr-Digest")) {
      response.put(digest, "x");
    }
    response.put("Accept-Ranges", "bytes");
    response.put("ETag", "\"tag\"");
    return rules.decide(
        new RequestHead(row.get("method"), view(request)),
        new ResponseHead(
            Integer.parseInt(row.get("status")),
            view(response),
            LENGTH.getOrDefault(row.get("length"), -1)),
        RouteRules.plain(List.of(Coding.ZSTD, Coding.GZIP), (coding, given, type, length) -> 3)
            .under(policy(row)));
  }

  private static RoutePolicy policy(Row row) {
    return switch (row.get("route")) {
      case "off" -> RoutePolicy.off();
      case "secret" -> RoutePolicy.secret();
      default -> RoutePolicy.on();
    };
  }

  private static void put(Map<String, String> headers, String name, @Nullable String value) {
    if (value != null) {
      headers.put(name, value);
    }
  }

  private static Headers view(Map<String, String> headers) {
    return name -> headers.containsKey(name) ? List.of(headers.get(name)) : null;
  }

  private static List<String> expected(Row row) {
    List<String> line = lineOf(row);
    return line.subList(line.size() - 2, line.size());
  }

  private static List<String> lineOf(Row row) {
    List<String> names = TABLE.get(0);
    return TABLE.stream()
        .skip(1)
        .filter(
            line ->
                Stream.iterate(0, i -> i < names.size() - 2, i -> i + 1)
                    .allMatch(i -> matches(line.get(i), row.get(names.get(i)))))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no line matches " + row));
  }

  private static boolean matches(String cell, String value) {
    return cell.equals(".") || Arrays.asList(cell.split("\\|", -1)).contains(value);
  }

  private static List<Row> rows() {
    List<Row> rows = List.of(new Row(Map.of()));
    for (Map.Entry<String, List<String>> column : COLUMNS.entrySet()) {
      List<Row> more = new ArrayList<>();
      for (Row row : rows) {
        column.getValue().forEach(value -> more.add(row.with(column.getKey(), value)));
      }
      rows = more;
    }
    return rows.stream().filter(DecisionTableTest::isWanted).toList();
  }

  /** Routes and ranges are combined with what can change their outcome alone. */
  private static boolean isWanted(Row row) {
    return (row.get("route").equals("on") && row.get("asks").equals("all"))
        || (row.get("encoded").equals("-")
            && row.get("cache").equals("-")
            && List.of("json", "png").contains(row.get("type"))
            && List.of("200", "206", "304", "404").contains(row.get("status")));
  }

  private static Map<String, List<String>> columns(String... lines) {
    Map<String, List<String>> columns = new TreeMap<>();
    for (String line : lines) {
      String[] parts = line.split(": ", 2);
      columns.put(parts[0].toLowerCase(Locale.ROOT), List.of(parts[1].split(" ", -1)));
    }
    return columns;
  }

  private static List<List<String>> table(String text) {
    return text.lines().map(line -> List.of(line.trim().split(" +", -1))).toList();
  }

  /** A value for each column. */
  private record Row(Map<String, String> values) {

    String get(String column) {
      return Objects.requireNonNull(values.get(column), column);
    }

    Row with(String column, String value) {
      Map<String, String> changed = new TreeMap<>(values);
      changed.put(column, value);
      return new Row(changed);
    }
  }
}
