package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves the details of header fields that the decision table does not vary: merging of Vary,
 * entity tags, types, and fields in several lines or of a wrong form.
 */
class DecisionRulesTest {

  private final DecisionRules rules =
      new DecisionRules(
          List.of(Coding.ZSTD, Coding.GZIP),
          1024,
          Set.of("application/x-ours"),
          Unacceptable.IDENTITY,
          Bodies.weakTags(Coding.ZSTD, Coding.GZIP),
          false,
          DictionaryRules.NONE);
  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  DecisionRulesTest() {
    request.put("Accept-Encoding", List.of("gzip"));
    response.put("Content-Type", List.of("text/html"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Origin                   | Origin, Accept-Encoding
          Origin, Cookie           | Origin, Cookie, Accept-Encoding
          Accept-Encoding-Extended | Accept-Encoding-Extended, Accept-Encoding
          ''                       | Accept-Encoding
          """)
  void vary_ofTheApplication_isMerged(String existing, String merged) {
    response.put("Vary", List.of(existing));
    assertThat(decide(200, 5000).changes().set()).containsEntry("Vary", merged);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "Origin, *", "accept-ENCODING", "Origin ,Accept-Encoding"})
  void vary_thatSaysItAlready_isKept(String existing) {
    response.put("Vary", List.of(existing));
    assertThat(decide(200, 5000).changes().set()).doesNotContainKey("Vary");
    assertThat(decide(200, 10).changes()).isEqualTo(HeaderChanges.NONE);
  }

  @Test
  void vary_inSeveralLines_isMergedIntoOne() {
    response.put("Vary", List.of("Origin", "Cookie"));
    assertThat(decide(200, 10).changes().set())
        .containsEntry("Vary", "Origin, Cookie, Accept-Encoding");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          "x"   | W/"x"
          ""    | W/""
          "a,b" | W/"a,b"
          """)
  void strongTag_ofAnEncodedBody_isWeakened(String tag, String weak) {
    response.put("ETag", List.of(tag));
    assertThat(decide(200, 5000).changes().set()).containsEntry("ETag", weak);
    assertThat(decide(200, 10).changes().set()).as("identity").doesNotContainKey("ETag");
  }

  @Test
  void weakTag_ofAnEncodedBody_isKept() {
    response.put("ETag", List.of("W/\"x\""));
    assertThat(decide(200, 5000).changes().set()).doesNotContainKey("ETag");
    assertThat(decide(200, 5000).changes().removed()).doesNotContain("ETag");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\"x", "x\"", "\"", "W/x", "w/\"x\"", "\"a\"b\"", "\"a b\"", ""})
  void tag_thatIsNone_isDroppedFromAnEncodedBody(String tag) {
    response.put("ETag", List.of(tag));
    assertThat(decide(200, 5000).changes().removed()).contains("ETag");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          W/"x"            | true
          "a", W/"x", "b"  | true
          "x"              | false
          "x", W/"x"       | false
          W/"x", "x"       | false
          *                | false
          W/"y"            | false
          """)
  void notModified_clientHoldsTheWeakTag_carriesIt(String ifNoneMatch, boolean weakened) {
    request.put("If-None-Match", List.of(ifNoneMatch));
    response.put("ETag", List.of("\"x\""));
    response.remove("Content-Type");
    Map<String, String> set = decide(304, -1).changes().set();
    assertThat(set).containsEntry("Vary", "Accept-Encoding");
    assertThat(set.get("ETag")).isEqualTo(weakened ? "W/\"x\"" : null);
  }

  @Test
  void notModified_always_hasNoCodingAndNoLengthOfOurs() {
    Decision decision = decide(304, -1);
    assertThat(decision.changes().set()).doesNotContainKeys("Content-Encoding", "Content-Length");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain", "TEXT/HTML; charset=utf-8", " application/json", "application/problem+json",
        "image/svg+xml", "application/wasm", "font/ttf", "Application/X-Ours",
        "TEXT/Event-Stream; charset=utf-8", "application/x-ndjson"
      })
  void type_thatShrinks_isEncoded(String type) {
    response.put("Content-Type", List.of(type));
    assertThat(decide(200, 5000).reason()).isEqualTo(Reason.ENCODED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "image/png",
        "video/mp4",
        "application/zip",
        "application/octet-stream",
        "font/woff2",
        "json",
        "",
        "application/x-ours2"
      })
  void type_thatDoesNotShrinkOrIsUnknown_isLeftAlone(String type) {
    response.put("Content-Type", List.of(type));
    assertThat(decide(200, 5000).reason()).isEqualTo(Reason.CONTENT_TYPE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1023                 | TOO_SMALL
          1024                 | ENCODED
          0                    | NO_BODY
          -1                   | ENCODED
          12x                  | ENCODED
          99999999999999999999 | ENCODED
          """)
  void length_notGiven_isTheDeclaredOne(String declared, Reason reason) {
    response.put("Content-Length", List.of(declared));
    assertThat(decide(200, -1).reason()).isEqualTo(reason);
  }

  @Test
  void contentLength_ofAnEncodedBody_isRemoved() {
    response.put("Content-Length", List.of("5000"));
    assertThat(decide(200, 5000).changes().removed()).contains("Content-Length");
    assertThat(decide(200, 10).changes().removed()).isEmpty();
  }

  @Test
  void cacheControl_inSeveralLines_isReadWhole() {
    response.put("Cache-Control", List.of("public", "max-age=5, no-transform"));
    assertThat(decide(200, 5000).reason()).isEqualTo(Reason.NO_TRANSFORM);
    response.put("Cache-Control", List.of("x-no-transform"));
    assertThat(decide(200, 5000).reason()).isEqualTo(Reason.ENCODED);
  }

  @Test
  void multipartRanges_always_varyBecauseTheirTypeIsHidden() {
    response.put("Content-Type", List.of("multipart/byteranges; boundary=x"));
    assertThat(decide(206, -1).changes().set()).containsEntry("Vary", "Accept-Encoding");
  }

  @Test
  void decide_againAndAgain_isTheSame() {
    response.put("ETag", List.of("\"x\""));
    Decision first = decide(200, 5000);
    assertThat(decide(200, 5000).changes())
        .isEqualTo(first.changes())
        .hasSameHashCodeAs(first.changes());
    assertThat(first).hasToString("Decision[gzip, encoded, 200]");
    assertThat(first.changes())
        .hasToString("HeaderChanges[set [Vary, Content-Encoding, ETag], removed []]");
  }

  private Decision decide(int status, long length) {
    return rules.decide(
        new RequestHead("GET", request::get), new ResponseHead(status, response::get, length));
  }
}
