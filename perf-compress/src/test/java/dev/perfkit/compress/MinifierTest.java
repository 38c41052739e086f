package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves that the minifier of JSON leaves out all whitespace between tokens and changes no token,
 * by what Jackson reads; that what is not JSON stays as it is; and that only encoded bodies are
 * minified.
 */
class MinifierTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          { "a" : [ 1 , 2.50e+3 ] }   | {"a":[1,2.50e+3]}
          `  "x y"  `                 | "x y"
          [ "a \\" b" , "\\\\" , " c" ] | ["a \\" b","\\\\"," c"]
          ` [ true , null , false ] ` | [true,null,false]
          ` -0.0 `                    | -0.0
          `{"a":"b" }`                | {"a":"b"}
          """)
  void minify_json_leavesOutSpaceBetweenTokens(String json, String minified) {
    assertThat(minify(json)).isEqualTo(minified);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"a\":1}", "\"no end", "[\"a\" \"b\"]", "1 2", "tr ue", "", "  ", " \"\\"})
  void minify_whatIsMinifiedOrNoJson_staysAsItIs(String text) {
    assertThat(minify(text)).isNull();
  }

  @Property(tries = 500)
  void minify_anyJsonPrettyPrinted_readsTheSameWithoutSpace(@ForAll("documents") JsonNode document)
      throws IOException {
    byte[] pretty =
        MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(document);
    byte[] minified = Minifier.json().minify(pretty);
    byte[] result = minified == null ? pretty : minified;
    assertThat(tokens(result)).isEqualTo(tokens(pretty));
    assertThat(result).isEqualTo(MAPPER.writeValueAsBytes(document));
  }

  @Property(tries = 2_000)
  void minify_anyText_neverFailsAndKeepsTheTokens(@ForAll("almostJson") String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    byte[] minified = Minifier.json().minify(body);
    if (minified != null) {
      assertThat(minified.length).isLessThan(body.length);
      List<String> before = tokens(body);
      if (before.contains("end")) {
        assertThat(tokens(minified)).isEqualTo(before);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          application/json                      | true
          Application/JSON; charset="UTF-8"     | true
          application/problem+json;charset=utf-8| true
          application/json; charset=utf-16      | false
          application/x-ndjson                  | false
          application/stream+json               | false
          text/html                             | false
          application/jsonp                     | false
          """)
  void accepts_contentType_isJsonInUtf8(String type, boolean accepted) {
    assertThat(Minifier.json().accepts(type)).isEqualTo(accepted);
  }

  @Test
  void compress_withMinifier_minifiesWhatIsEncodedAlone() {
    byte[] pretty =
        "{\n  \"a\" : [ 1, 2, 3 ]\n},\n".repeat(200).getBytes(StandardCharsets.US_ASCII);
    byte[] json =
        ("[" + new String(pretty, StandardCharsets.US_ASCII) + "0]")
            .getBytes(StandardCharsets.US_ASCII);
    try (ResponseCompressor web = ResponseCompressor.named("web").minify(Minifier.json()).build();
        ResponseCompressor plain = ResponseCompressor.create()) {
      byte[] minified = Bodies.gunzip(get(web, "gzip", "application/json", json).bytes());
      assertThat(minified).hasSizeLessThan(json.length).isEqualTo(Minifier.json().minify(json));
      assertThat(Bodies.gunzip(get(web, "gzip", "text/plain", json).bytes())).isEqualTo(json);
      assertThat(get(web, "identity", "application/json", json).bytes()).isSameAs(json);
      assertThat(Bodies.gunzip(get(plain, "gzip", "application/json", json).bytes()))
          .isEqualTo(json);
    }
  }

  @Test
  void compress_minifierThatFails_encodesTheBodyAsItIs() {
    byte[] body = Bodies.text(5_000);
    try (ResponseCompressor web =
        ResponseCompressor.named("web").minify(new Failing(true), new Failing(false)).build()) {
      assertThat(Bodies.gunzip(get(web, "gzip", "text/plain", body).bytes())).isEqualTo(body);
      assertThat(web.health().status()).isEqualTo(dev.perfkit.spi.Health.Status.UP);
    }
  }

  @Test
  void strongTags_withAnotherMinifier_areOthers() {
    byte[] body = Bodies.text(5_000);
    List<String> tags = new ArrayList<>();
    for (Minifier[] minifiers : new Minifier[][] {{}, {Minifier.json()}}) {
      try (ResponseCompressor web =
          ResponseCompressor.named("web")
              .entityTagPolicy(EntityTagPolicy.SUFFIX)
              .minify(minifiers)
              .build()) {
        tags.add(get(web, "gzip", "application/json", body).decision().changes().set().get("ETag"));
      }
    }
    assertThat(tags).doesNotHaveDuplicates();
  }

  private record Failing(boolean early) implements Minifier {

    @Override
    public String id() {
      return "failing";
    }

    @Override
    public boolean accepts(String contentType) {
      if (early) {
        throw new IllegalStateException("out of luck");
      }
      return true;
    }

    @Override
    public byte @Nullable [] minify(byte[] body) {
      throw new IllegalStateException("out of luck");
    }
  }

  private static EncodedBody get(ResponseCompressor web, String accept, String type, byte[] body) {
    return web.compress(
        new RequestHead("GET", name -> name.equals("Accept-Encoding") ? List.of(accept) : null),
        ResponseHead.of(
            200,
            name ->
                name.equals("Content-Type")
                    ? List.of(type)
                    : name.equals("ETag") ? List.of("\"v\"") : null),
        body);
  }

  private static @Nullable String minify(String text) {
    byte[] minified = Minifier.json().minify(text.getBytes(StandardCharsets.UTF_8));
    return minified == null ? null : new String(minified, StandardCharsets.UTF_8);
  }

  /** Returns the tokens as Jackson reads them, up to the first that is none. */
  static List<String> tokens(byte[] json) {
    List<String> tokens = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        tokens.add(token + " " + parser.getText());
      }
      tokens.add("end");
    } catch (com.fasterxml.jackson.core.JsonProcessingException notJson) {
      tokens.add("no JSON");
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return tokens;
  }

  @Provide
  Arbitrary<JsonNode> documents() {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    Arbitrary<JsonNode> scalars =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(12).map(nodes::textNode),
            Arbitraries.of(" a ", "\"", "\\", "\\\"", "{ }", "\n\t", "é 中 😀").map(nodes::textNode),
            Arbitraries.longs().map(nodes::numberNode),
            Arbitraries.doubles().between(-1e9, 1e9).map(nodes::numberNode),
            Arbitraries.of(true, false).map(nodes::booleanNode),
            Arbitraries.create(nodes::nullNode));
    return Arbitraries.recursive(() -> scalars, MinifierTest::nested, 0, 3);
  }

  private static Arbitrary<JsonNode> nested(Arbitrary<JsonNode> inner) {
    Arbitrary<JsonNode> arrays =
        inner.list().ofMaxSize(4).map(list -> JsonNodeFactory.instance.arrayNode().addAll(list));
    Arbitrary<JsonNode> objects =
        Arbitraries.maps(Arbitraries.strings().ofMaxLength(5), inner)
            .ofMaxSize(4)
            .map(map -> JsonNodeFactory.instance.objectNode().setAll(map));
    return Arbitraries.oneOf(arrays, objects);
  }

  @Provide
  Arbitrary<String> almostJson() {
    return Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            " ",
            "\n",
            "\t",
            "\"",
            "\\",
            "\"a\"",
            "1",
            "-2.5e3",
            "true",
            "null",
            "\"a b\"",
            "\"\\\"\"",
            "é")
        .list()
        .ofMaxSize(12)
        .map(parts -> String.join("", parts));
  }
}
