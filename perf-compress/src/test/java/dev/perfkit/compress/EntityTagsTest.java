package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.testkit.RecordingTelemetry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves the algebra of entity tags: a strong tag never stands for two different bodies, a client
 * that holds a form it still accepts gets 304 with the very tag it holds and nothing is encoded,
 * and every other client gets the body.
 */
class EntityTagsTest {

  private static final byte[] BODY = Bodies.text(5_000);

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<ResponseCompressor> made = new ArrayList<>();

  EntityTagsTest() {
    request.put("Accept-Encoding", List.of("gzip, br"));
    response.put("Content-Type", List.of("application/json"));
    response.put("ETag", List.of("\"x\""));
    response.put("Last-Modified", List.of("Sat, 21 Nov 2026 08:00:00 GMT"));
    response.put("Cache-Control", List.of("max-age=5"));
  }

  @AfterEach
  void close() {
    made.forEach(ResponseCompressor::close);
  }

  @Test
  void weakPolicy_encodedAndIdentity_haveTheirForms() {
    ResponseCompressor web = web(EntityTagPolicy.WEAK);
    assertThat(tagFor(web, "gzip")).isEqualTo("W/\"x\"");
    assertThat(tagFor(web, "identity")).isEqualTo("\"x\"");
  }

  @Test
  void suffixPolicy_sameTag_isTheSameBytes() {
    ResponseCompressor web = web(EntityTagPolicy.SUFFIX);
    Map<String, byte[]> bodies = new TreeMap<>();
    for (String accept : List.of("gzip", "br", "zstd", "deflate", "identity")) {
      for (int level : new int[] {1, 9}) {
        web.knobs().stream()
            .filter(knob -> knob.name().endsWith("-level"))
            .forEach(knob -> knob.set(level));
        EncodedBody encoded = get(web, accept);
        String tag = tagOf(encoded);
        byte[] before = bodies.putIfAbsent(tag, encoded.bytes());
        assertThat(before == null || Arrays.equals(before, encoded.bytes())).as(tag).isTrue();
        assertThat(tag).matches("\"x(--(gzip|br|zstd|deflate)-[179]-[0-9a-f]{8})?\"");
      }
    }
    assertThat(bodies).as("four codings at two levels, and identity").hasSize(9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          gzip          | "x"                 | 304
          gzip          | W/"x"               | 304
          gzip          | "y", W/"x"          | 304
          gzip          | *                   | 304
          gzip          | "y"                 | 200
          gzip          | x                   | 200
          identity      | "x"                 | 304
          identity      | W/"x"               | 200
          gzip, identity;q=0 | "x"            | 200
          gzip, identity;q=0 | W/"x"          | 304
          """)
  void weakPolicy_ifNoneMatch_isNotModifiedForAFormTheClientAccepts(
      String accept, String held, int status) {
    checkConditional(web(EntityTagPolicy.WEAK), accept, held, status);
  }

  @Test
  void suffixPolicy_ifNoneMatch_isNotModifiedForAFormTheClientAccepts() {
    ResponseCompressor web = web(EntityTagPolicy.SUFFIX);
    String gzip = tagFor(web, "gzip");
    String brotli = tagFor(web, "br");
    checkConditional(web, "gzip", gzip, 304);
    checkConditional(web, "gzip", "W/" + gzip, 304);
    checkConditional(web, "gzip, br", brotli, 304);
    checkConditional(web, "gzip", brotli, 200);
    checkConditional(web, "gzip", "\"x\"", 304);
    checkConditional(web, "identity", gzip, 200);
    checkConditional(web, "gzip", gzip.replace("\"x--", "\"y--"), 200);
    checkConditional(web, "gzip", gzip.replaceFirst("[0-9a-f]{8}", "00000000"), 200);
    checkConditional(web, "gzip", gzip.replace("-6-", "-77-"), 200);
  }

  @Test
  void tagOfAnotherLevel_stillStandsForTheSameBody() {
    ResponseCompressor web = web(EntityTagPolicy.SUFFIX);
    String before = tagFor(web, "gzip");
    web.knobs().forEach(knob -> knob.set(1));
    checkConditional(web, "gzip", before, 304);
  }

  @Test
  void weakTagOfTheApplication_isKeptAndHeld() {
    response.put("ETag", List.of("W/\"x\""));
    for (EntityTagPolicy policy : EntityTagPolicy.values()) {
      assertThat(get(web(policy), "gzip").decision().changes().set()).doesNotContainKey("ETag");
      checkConditional(web(policy), "gzip", "W/\"x\"", 304);
      checkConditional(web(policy), "gzip", "\"x\"", 304);
      checkConditional(web(policy), "gzip", "\"y\"", 200);
    }
  }

  @Test
  void notModified_always_keepsWhatACacheNeedsAndNothingOfTheBody() {
    request.put("If-None-Match", List.of("W/\"x\""));
    response.put("Content-Length", List.of("5000"));
    EncodedBody answer = get(web(EntityTagPolicy.WEAK), "gzip");
    assertThat(answer.bytes()).isEmpty();
    assertThat(answer.decision().status()).isEqualTo(304);
    assertThat(answer.decision().reason()).isEqualTo(Reason.NOT_MODIFIED);
    HeaderChanges changes = answer.decision().changes();
    assertThat(changes.set()).isEqualTo(Map.of("Vary", "Accept-Encoding", "ETag", "W/\"x\""));
    assertThat(changes.removed())
        .contains("Content-Type", "Content-Length", "Last-Modified", "Content-Encoding")
        .doesNotContain("Cache-Control", "Expires", "Content-Location", "Date");
    assertThat(telemetry.count("compress.bytes.in", "compressor", "web", "coding", "gzip"))
        .as("nothing was encoded")
        .isZero();
  }

  @ParameterizedTest
  @CsvSource({"POST,200", "PUT,200", "GET,404", "GET,201", "DELETE,200"})
  void otherMethodOrStatus_isNeverNotModified(String method, int status) {
    request.put("If-None-Match", List.of("*"));
    EncodedBody answer =
        web(EntityTagPolicy.WEAK)
            .compress(
                new RequestHead(method, request::get),
                ResponseHead.of(status, response::get),
                BODY);
    assertThat(answer.decision().status()).isEqualTo(status);
    assertThat(answer.bytes()).isNotEmpty();
  }

  @Test
  void head_always_hasTheTagsAndTheStatusOfGet() {
    for (String held : List.of("\"y\"", "W/\"x\"")) {
      request.put("If-None-Match", List.of(held));
      for (EntityTagPolicy policy : EntityTagPolicy.values()) {
        ResponseCompressor web = web(policy);
        Decision get = web.decide(new RequestHead("GET", request::get), head());
        Decision head = web.decide(new RequestHead("HEAD", request::get), head());
        assertThat(head.status()).isEqualTo(get.status());
        assertThat(head.changes()).isEqualTo(get.changes());
      }
    }
  }

  @Test
  void stream_suffixPolicy_hasTheWeakForm() {
    request.put("Accept-Encoding", List.of("gzip"));
    ResponseCompressor web = web(EntityTagPolicy.SUFFIX);
    EncodedStream stream = web.stream(web.decide(new RequestHead("GET", request::get), head()));
    assertThat(stream.decision().changes().set()).containsEntry("ETag", "W/\"x\"");
    stream.abort();
  }

  @Test
  void notSmaller_keepsTheTagOfTheIdentityBody() {
    request.put("Accept-Encoding", List.of("gzip"));
    EncodedBody answer =
        web(EntityTagPolicy.SUFFIX)
            .compress(new RequestHead("GET", request::get), head(), Bodies.noise(2_000));
    assertThat(answer.decision().reason()).isEqualTo(Reason.NOT_SMALLER);
    assertThat(answer.decision().changes().set()).doesNotContainKey("ETag");
  }

  @Test
  void makeEntityTags_wholeBody_givesTheSameTagForTheSameBytes() {
    response.remove("ETag");
    ResponseCompressor web = web(EntityTagPolicy.SUFFIX, ByteSize.ofKibibytes(8));
    String identity = tagFor(web, "identity");
    assertThat(identity).matches("\"[\\w-]{22}\"");
    assertThat(tagFor(web, "gzip")).startsWith(identity.substring(0, 23) + "--gzip-6-");
    checkConditional(web, "gzip", tagFor(web, "gzip"), 304);
    checkConditional(web, "gzip", identity, 304);
    checkConditional(web, "identity", identity, 304);
    EncodedBody other =
        web.compress(new RequestHead("GET", request::get), head(), Bodies.text(5_001));
    assertThat(other.decision().status()).as("a changed body").isEqualTo(200);
    assertThat(tagOf(other)).doesNotStartWith(identity.substring(0, 23));
    response.put("Content-Type", List.of("image/png"));
    assertThat(tagFor(web, "gzip")).as("of what is never encoded, too").isEqualTo(identity);
  }

  @Test
  void makeEntityTags_whereNoneIsDue_makesNone() {
    response.remove("ETag");
    ResponseCompressor web = web(EntityTagPolicy.WEAK, ByteSize.ofBytes(BODY.length));
    assertThat(get(web, "gzip").decision().changes().set()).containsKey("ETag");
    EncodedBody larger =
        web.compress(new RequestHead("GET", request::get), head(), Bodies.text(BODY.length + 1));
    assertThat(larger.decision().changes().set()).as("over the cap").doesNotContainKey("ETag");
    response.put("Cache-Control", List.of("private, no-store"));
    assertThat(get(web, "gzip").decision().changes().set()).doesNotContainKey("ETag");
    response.remove("Cache-Control");
    response.put("Content-Type", List.of("text/event-stream"));
    assertThat(get(web, "gzip").decision().changes().set()).doesNotContainKey("ETag");
    response.put("Content-Type", List.of("application/json"));
    EncodedBody posted = web.compress(new RequestHead("POST", request::get), head(), BODY);
    assertThat(posted.decision().changes().set()).doesNotContainKey("ETag");
  }

  @Test
  void identityTags_ofOurs_areFollowedByThoseOfTheApplication() {
    ResponseCompressor web = web(EntityTagPolicy.SUFFIX);
    assertThat(web.identityTags(null)).isEmpty();
    assertThat(web.identityTags(List.of("\"x--gzip-6-0123abcd\", W/\"y\"", "*")))
        .containsExactly("\"x--gzip-6-0123abcd\"", "\"x\"", "W/\"y\"", "*");
    assertThat(web.identityTags(List.of("W/\"x--br-11-0123abcd\"")))
        .containsExactly("W/\"x--br-11-0123abcd\"", "W/\"x\"");
    assertThat(web.identityTags(List.of("\"x--lzma-6-0123abcd\",\"x--gzip-006-0123abcd\"")))
        .as("not of our form")
        .hasSize(2);
    assertThat(web(EntityTagPolicy.WEAK).identityTags(List.of("\"x--gzip-6-0123abcd\"")))
        .as("not ours under this policy")
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "\"",
        "W/",
        "W/\"",
        "\"x",
        "x\"",
        ",,, ,\t",
        "W/x",
        "\u0000",
        "\"a\"b\"c\""
      })
  void listed_whatIsNoTag_isSkipped(String field) {
    assertThat(EntityTags.listed(List.of(field))).isSubsetOf("\"a\"", "\"c\"");
  }

  @Test
  void listed_hostileField_isBounded() {
    assertThat(EntityTags.listed(List.of("\"a\",".repeat(2_000)))).hasSize(EntityTags.MAX_TAGS);
    assertThat(EntityTags.listed(List.of("\"" + "a".repeat(10_000) + "\""))).isEmpty();
    assertThat(EntityTags.listed(List.of("\"a,b\" , W/\"c\"")))
        .containsExactly("\"a,b\"", "W/\"c\"");
  }

  @Test
  void of_sameBytes_isTheSameTag() {
    assertThat(ContentHash.of("a".getBytes(StandardCharsets.US_ASCII)).entityTag())
        .isEqualTo("\"ypeBEsobvcr6wjGzmiPcTQ\"");
  }

  private void checkConditional(ResponseCompressor web, String accept, String held, int status) {
    request.put("If-None-Match", List.of(held));
    EncodedBody answer = get(web, accept);
    request.remove("If-None-Match");
    assertThat(answer.decision().status()).as("%s for %s", held, accept).isEqualTo(status);
    if (status == 304) {
      assertThat(answer.bytes()).isEmpty();
      String tag = tagOf(answer);
      assertThat(held.equals("*") || EntityTags.listed(List.of(held)).contains(tag))
          .as("the very tag: %s of %s", tag, held)
          .isTrue();
    } else {
      assertThat(answer.bytes()).isNotEmpty();
    }
  }

  private String tagFor(ResponseCompressor web, String accept) {
    return tagOf(get(web, accept));
  }

  private String tagOf(EncodedBody answer) {
    Map<String, List<String>> after = new TreeMap<>(response);
    answer.decision().changes().set().forEach((name, value) -> after.put(name, List.of(value)));
    return String.join(",", after.getOrDefault("ETag", List.of("none")));
  }

  private EncodedBody get(ResponseCompressor web, String accept) {
    request.put("Accept-Encoding", List.of(accept));
    return web.compress(new RequestHead("GET", request::get), head(), BODY);
  }

  private ResponseHead head() {
    return ResponseHead.of(200, response::get);
  }

  private ResponseCompressor web(EntityTagPolicy policy) {
    return add(builder(policy));
  }

  private ResponseCompressor web(EntityTagPolicy policy, ByteSize makeUpTo) {
    return add(builder(policy).makeEntityTags(makeUpTo));
  }

  private ResponseCompressor add(ResponseCompressorBuilder builder) {
    ResponseCompressor web = builder.build();
    made.add(web);
    return web;
  }

  private ResponseCompressorBuilder builder(EntityTagPolicy policy) {
    return ResponseCompressor.named("web")
        .prefer(Coding.BROTLI, Coding.ZSTD, Coding.GZIP, Coding.DEFLATE)
        .telemetry(telemetry)
        .entityTagPolicy(policy);
  }
}
