package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdDictContentType;
import dev.perfkit.spi.ByteSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves compression with dictionaries of RFC 9842: the exact bytes of both headers, bodies that
 * only the dictionary decodes, and that nothing of it happens but for the exact hash, the right
 * target, a secure context, and whoever may read the response; and that {@code Vary} tells.
 */
class DictionaryTest {

  private static final byte[] VERSION_1 = Bodies.text(40_000);
  private static final byte[] VERSION_2 = changed(VERSION_1);
  private static final Dictionary APP = Dictionary.matching("/app/*.js", VERSION_1).id("app-1");
  private static final String BOTH = "Accept-Encoding, Available-Dictionary";

  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<ResponseCompressor> made = new ArrayList<>();
  private String target = "https://example.org/app/main.js";

  DictionaryTest() {
    request.put("Accept-Encoding", List.of("gzip, deflate, br, zstd, dcb, dcz"));
    request.put("Available-Dictionary", List.of(APP.availableDictionary()));
    response.put("Content-Type", List.of("text/javascript"));
  }

  @AfterEach
  void close() {
    made.forEach(ResponseCompressor::close);
  }

  @Test
  void body_ofAClientThatHasIt_isTheDifference() throws Exception {
    for (int length : new int[] {1_024, 30_000, 65_536, 65_537, 1_000_000}) {
      byte[] first = Bodies.text(length);
      byte[] second = changed(first);
      Dictionary dictionary = Dictionary.matching("/app/*", first);
      request.put("Available-Dictionary", List.of(dictionary.availableDictionary()));
      for (String coding : List.of("dcz", "dcb")) {
        request.put("Accept-Encoding", List.of("gzip, br, zstd, " + coding));
        EncodedBody encoded = get(web(dictionary), second);
        assertThat(encoded.decision().coding().token()).isEqualTo(coding);
        assertThat(encoded.decision().changes().set())
            .containsEntry("Content-Encoding", coding)
            .containsEntry("Content-Length", String.valueOf(encoded.bytes().length))
            .containsEntry("Vary", BOTH);
        assertThat(encoded.bytes().length).isLessThan(300 + length / 200);
        assertThat(Arrays.equals(decoded(coding, encoded.bytes(), first), second)).isTrue();
      }
    }
  }

  @Test
  void header_always_isTheMagicAndTheHash() throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(VERSION_1);
    assertThat(APP.availableDictionary())
        .isEqualTo(':' + Base64.getEncoder().encodeToString(hash) + ':');
    byte[] dcz = get(web(APP), VERSION_2).bytes();
    assertThat(Arrays.copyOf(dcz, 8)).isEqualTo(new byte[] {0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0});
    assertThat(Arrays.copyOfRange(dcz, 8, 40)).isEqualTo(hash);
    assertThat(Arrays.copyOfRange(dcz, 40, 44))
        .isEqualTo(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
    request.put("Accept-Encoding", List.of("dcb"));
    byte[] dcb = get(web(APP), VERSION_2).bytes();
    assertThat(Arrays.copyOf(dcb, 4)).isEqualTo(new byte[] {(byte) 0xff, 0x44, 0x43, 0x42});
    assertThat(Arrays.copyOfRange(dcb, 4, 36)).isEqualTo(hash);
  }

  @Test
  void window_ofLargeBodies_isWithinWhatClientsTake() throws IOException {
    assertThat(DictionaryZstdCodec.mostWindowLog(1)).isEqualTo(23);
    assertThat(DictionaryZstdCodec.mostWindowLog(13_421_772)).isEqualTo(23);
    assertThat(DictionaryZstdCodec.mostWindowLog(13_421_773)).isEqualTo(24);
    assertThat(DictionaryZstdCodec.mostWindowLog(Dictionary.MAXIMUM_SIZE.toBytes())).isEqualTo(26);
    byte[] large = Bodies.text(9_000_000);
    ResponseCompressor web = web(builder(APP).level(Coding.DICTIONARY_ZSTD, 1));
    byte[] encoded = get(web, large).bytes();
    int descriptor = encoded[44];
    assertThat(descriptor & 0x20).as("a window of its own").isZero();
    assertThat((encoded[45] & 0xff) >>> 3).as("log of the window, less 10").isEqualTo(13);
    assertThat(Arrays.equals(decoded("dcz", encoded, VERSION_1), large)).isTrue();
  }

  @Test
  void stream_flushed_isDecodableSoFar() throws IOException {
    for (String coding : List.of("dcz", "dcb")) {
      request.put("Accept-Encoding", List.of(coding));
      ResponseCompressor web = web(APP);
      EncodedStream stream = web.stream(web.decide(request(), response()));
      assertThat(stream.decision().changes().set()).containsEntry("Content-Encoding", coding);
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      try (OutputStream out = stream.to(sent)) {
        for (int at = 0; at < VERSION_2.length; at += 8_000) {
          out.write(VERSION_2, at, 8_000);
          out.flush();
        }
        assertThat(sent.size()).isBetween(40, VERSION_2.length / 20);
      }
      assertThat(Arrays.equals(decoded(coding, sent.toByteArray(), VERSION_1), VERSION_2)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "gzip, br, zstd, dcb, dcz          | dcz",
        "dcb, gzip                         | dcb",
        "dcz;q=0.5, dcb                    | dcb",
        "dcz;q=0, dcb;q=0, zstd            | zstd",
        "gzip, br, zstd                    | zstd",
        "gzip;q=0.9, dcz;q=0.8             | gzip",
        "*                                 | zstd",
        "*, identity;q=0                   | zstd",
        "identity                          | identity",
        "DCZ                               | dcz",
        "none                              | identity",
      })
  void coding_asWeighed_isChosenAndVariesAnyway(@Nullable String field, String chosen) {
    request.put("Accept-Encoding", field == null ? List.of() : List.of(field));
    EncodedBody sent = get(web(APP), VERSION_2);
    assertThat(sent.decision().coding().token()).isEqualTo(chosen);
    assertThat(sent.decision().changes().set()).containsEntry("Vary", BOTH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "::",
        ":AAAA:",
        ":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=:",
        "pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=",
        ":not base64:",
        "\"text\"",
        ":%s",
        "%s:",
        "a%s",
        ":%s: :%s:",
        ":%s:x",
      })
  void dictionary_notExactlyNamed_isNotUsed(String field) {
    String hash = APP.availableDictionary().replace(":", "");
    request.put("Available-Dictionary", List.of(field.replace("%s", hash)));
    Decision decision = get(web(APP), VERSION_2).decision();
    assertThat(decision.coding()).isEqualTo(Coding.ZSTD);
    assertThat(decision.changes().set()).containsEntry("Vary", BOTH);
  }

  @Test
  void dictionary_namedWithParametersOrSpace_isUsed() {
    request.put("Available-Dictionary", List.of("  " + APP.availableDictionary() + ";a=1 "));
    request.put("Dictionary-ID", List.of("\"app-1\""));
    assertThat(get(web(APP), VERSION_2).decision().coding()).isEqualTo(Coding.DICTIONARY_ZSTD);
    request.put(
        "Available-Dictionary", List.of(APP.availableDictionary(), APP.availableDictionary()));
    assertThat(get(web(APP), VERSION_2).decision().coding()).isEqualTo(Coding.ZSTD);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://example.org/app/main.js         | true",
        "HTTPS://Example.org:443/app/a/b.js?x=y  | true",
        "https://example.org/app/.js             | true",
        "https://example.org/app/main.css        | false",
        "https://example.org/App/main.js         | false",
        "https://example.org/other?/app/main.js  | false",
        "http://example.org/app/main.js          | false",
        "http://localhost:8080/app/main.js       | true",
        "http://a.localhost/app/main.js          | true",
        "http://127.0.0.1:8080/app/main.js       | true",
        "http://[::1]:8080/app/main.js           | true",
        "http://localhost.example.org/app/a.js   | false",
        "http://127.0.0.1.example.org/app/a.js   | false",
        "http://user@localhost/app/a.js          | false",
        "''                                      | false",
        "/app/main.js                            | false",
        "ftp://localhost/app/main.js             | false",
      })
  void target_otherOrInsecure_isWithoutDictionaries(String uri, boolean used) {
    target = uri;
    Decision decision = get(web(APP), VERSION_2).decision();
    assertThat(decision.coding()).isEqualTo(used ? Coding.DICTIONARY_ZSTD : Coding.ZSTD);
    assertThat(decision.changes().set()).containsEntry("Vary", used ? BOTH : "Accept-Encoding");
  }

  @Test
  void target_behindAProxyWithTls_isSecure() {
    target = "http://example.org/app/main.js";
    assertThat(get(web(builder(APP).assumeTls()), VERSION_2).decision().coding())
        .isEqualTo(Coding.DICTIONARY_ZSTD);
  }

  @Test
  void origin_ofAnother_isWithoutIt() {
    ResponseCompressor web = web(APP.origin("https://example.org"));
    assertThat(get(web, VERSION_2).decision().coding()).isEqualTo(Coding.DICTIONARY_ZSTD);
    target = "https://evil.example/app/main.js";
    assertThat(get(web, VERSION_2).decision().coding()).isEqualTo(Coding.ZSTD);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "none        | none        | none           | none            | true",
        "same-origin | no-cors     | none           | none            | true",
        "cross-site  | none        | none           | none            | true",
        "cross-site  | navigate    | none           | none            | true",
        "cross-site  | same-origin | none           | none            | true",
        "cross-site  | no-cors     | none           | none            | false",
        "same-site   | no-cors     | https://b.org  | *               | false",
        "cross-site  | cors        | https://b.org  | none            | false",
        "cross-site  | cors        | none           | *               | false",
        "cross-site  | cors        | https://b.org  | *               | true",
        "cross-site  | cors        | https://b.org  | https://b.org   | true",
        "cross-site  | cors        | https://b.org  | https://c.org   | false",
        "cross-site  | websocket   | https://b.org  | *               | false",
      })
  void response_thatAScriptMayNotRead_isWithoutIt(
      @Nullable String site,
      @Nullable String mode,
      @Nullable String origin,
      @Nullable String allowed,
      boolean used) {
    put(request, "Sec-Fetch-Site", site);
    put(request, "Sec-Fetch-Mode", mode);
    put(request, "Origin", origin);
    put(response, "Access-Control-Allow-Origin", allowed);
    Decision decision = get(web(APP), VERSION_2).decision();
    assertThat(decision.coding()).isEqualTo(used ? Coding.DICTIONARY_ZSTD : Coding.ZSTD);
    assertThat(decision.changes().set()).containsEntry("Vary", BOTH);
  }

  @Test
  void vary_ofEveryResponseToSuchATarget_namesBoth() {
    ResponseCompressor web = web(builder(APP).unacceptable(Unacceptable.STATUS_406));
    request.remove("Available-Dictionary");
    response.put("Vary", List.of("Origin"));
    assertThat(varyOf(web, 200, VERSION_2)).isEqualTo("Origin, " + BOTH);
    response.put("Vary", List.of("available-dictionary"));
    assertThat(varyOf(web, 200, VERSION_2)).isEqualTo("available-dictionary, Accept-Encoding");
    response.put("Vary", List.of("*"));
    assertThat(varyOf(web, 200, VERSION_2)).isNull();
    response.remove("Vary");
    assertThat(varyOf(web, 200, Bodies.text(10))).as("too small").isEqualTo(BOTH);
    assertThat(varyOf(web, 200, Bodies.noise(5_000))).as("not smaller").isEqualTo(BOTH);
    assertThat(varyOf(web, 304, new byte[0])).as("304").isEqualTo(BOTH);
    assertThat(varyOf(web, 206, VERSION_2)).as("part").isEqualTo(BOTH);
    request.put("Accept-Encoding", List.of("identity;q=0"));
    assertThat(varyOf(web, 200, VERSION_2)).as("406").isEqualTo(BOTH);
  }

  @Test
  void tag_ofTheDifference_namesCodingLevelAndDictionary() {
    response.put("ETag", List.of("\"v2\""));
    Dictionary other = Dictionary.matching("/app/*.js", Bodies.text(39_000));
    ResponseCompressor web = web(builder(APP, other).entityTagPolicy(EntityTagPolicy.SUFFIX));
    String tag = tagOf(get(web, VERSION_2));
    assertThat(tag).matches("\"v2--dcz-3-[0-9a-f]{8}\"");
    assertThat(web.identityTags(List.of(tag))).containsExactly(tag, "\"v2\"");
    request.put("If-None-Match", List.of(tag));
    EncodedBody held = get(web, VERSION_2);
    assertThat(held.decision().status()).isEqualTo(304);
    assertThat(held.decision().changes().set())
        .containsEntry("ETag", tag)
        .containsEntry("Vary", BOTH);
    request.put("Available-Dictionary", List.of(other.availableDictionary()));
    EncodedBody withOther = get(web, VERSION_2);
    assertThat(withOther.decision().status()).isEqualTo(200);
    assertThat(tagOf(withOther)).isNotEqualTo(tag);
    request.remove("Available-Dictionary");
    assertThat(get(web, VERSION_2).decision().status()).isEqualTo(200);
  }

  @Test
  void variants_ofTwoDictionaries_areTwo() throws IOException {
    byte[] otherBytes = Bodies.text(39_000);
    Dictionary other = Dictionary.matching("/app/*.js", otherBytes);
    ResponseCompressor web =
        web(builder(APP, other).variants(Variants.upTo(ByteSize.ofMebibytes(1))));
    byte[] first = get(web, VERSION_2).bytes();
    assertThat(get(web, VERSION_2.clone()).bytes()).isSameAs(first);
    request.put("Available-Dictionary", List.of(other.availableDictionary()));
    byte[] second = get(web, VERSION_2).bytes();
    assertThat(decoded("dcz", first, VERSION_1)).isEqualTo(VERSION_2);
    assertThat(decoded("dcz", second, otherBytes)).isEqualTo(VERSION_2);
  }

  @Test
  void level_ofTheKnob_isThatOfAllDictionaries() {
    Dictionary other = Dictionary.matching("/other/*", Bodies.text(39_000));
    response.put("ETag", List.of("\"v2\""));
    ResponseCompressor web = web(builder(APP, other).entityTagPolicy(EntityTagPolicy.SUFFIX));
    web.knobs().stream().filter(k -> k.name().equals("dcz-level")).forEach(k -> k.set(9));
    assertThat(tagOf(get(web, VERSION_2))).startsWith("\"v2--dcz-9-");
    request.put("Available-Dictionary", List.of(other.availableDictionary()));
    target = "https://example.org/other/x";
    assertThat(tagOf(get(web, VERSION_2))).startsWith("\"v2--dcz-9-");
  }

  @Test
  void field_ofTheDictionary_saysWhatItIsFor() {
    assertThat(APP.useAsDictionary()).isEqualTo("match=\"/app/*.js\", id=\"app-1\", type=raw");
    assertThat(
            Dictionary.matching("/a", VERSION_1)
                .destinations("script", "document")
                .useAsDictionary())
        .isEqualTo("match=\"/a\", match-dest=(\"script\" \"document\"), type=raw");
    assertThat(APP.size()).isEqualTo(ByteSize.ofBytes(40_000));
    assertThat(APP).hasToString("Dictionary[/app/*.js, 40000 B]");
    assertThat(APP)
        .isEqualTo(Dictionary.matching("/app/*.js", VERSION_1).id("app-1"))
        .hasSameHashCodeAs(Dictionary.matching("/app/*.js", VERSION_1).id("app-1"))
        .isNotEqualTo(APP.id("app-2"));
  }

  @Test
  void options_wrong_areRefused() {
    for (String match : List.of("", "app", "https://a.org/app", "/a:b", "/(a)", "/{a}", "/a\"b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Dictionary.matching(match, VERSION_1))
          .withMessageStartingWith("match must be a path");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Dictionary.matching("/", new byte[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> APP.id("a\"b"));
    assertThatIllegalArgumentException().isThrownBy(() -> APP.id("a".repeat(1_025)));
    assertThatIllegalArgumentException().isThrownBy(() -> APP.destinations("Script"));
    assertThatIllegalArgumentException().isThrownBy(() -> APP.origin("example.org"));
    ResponseCompressorBuilder builder = ResponseCompressor.named("web");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.dictionaries(APP, APP.id("other")))
        .withMessageStartingWith("dictionaries must be of different bytes");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.prefer(Coding.DICTIONARY_ZSTD));
    assertThatIllegalArgumentException().isThrownBy(() -> Coding.of("dcz", 1, 2, 1));
  }

  @Test
  void health_withoutALibrary_tellsWhatIsMissing() {
    ResponseCompressor web =
        web(
            builder(APP)
                .codecs(
                    coding ->
                        coding.equals(Coding.ZSTD)
                            ? new Codecs.Availability(null, "not here", false, null)
                            : Codecs.of(coding)));
    assertThat(web.health().details()).containsEntry("dcz", "not here").doesNotContainKey("dcb");
    assertThat(get(web, VERSION_2).decision().coding()).isEqualTo(Coding.DICTIONARY_BROTLI);
  }

  private ResponseCompressorBuilder builder(Dictionary... dictionaries) {
    return ResponseCompressor.named("web").dictionaries(dictionaries);
  }

  private ResponseCompressor web(Dictionary... dictionaries) {
    return web(builder(dictionaries));
  }

  private ResponseCompressor web(ResponseCompressorBuilder builder) {
    ResponseCompressor web = builder.build();
    made.add(web);
    return web;
  }

  private EncodedBody get(ResponseCompressor web, byte[] body) {
    return web.compress(request(), response(), body);
  }

  private @Nullable String varyOf(ResponseCompressor web, int status, byte[] body) {
    return web.compress(request(), ResponseHead.of(status, response::get), body)
        .decision()
        .changes()
        .set()
        .get("Vary");
  }

  private RequestHead request() {
    return new RequestHead("GET", request::get, target);
  }

  private ResponseHead response() {
    return ResponseHead.of(200, response::get);
  }

  private static String tagOf(EncodedBody body) {
    return String.valueOf(body.decision().changes().set().get("ETag"));
  }

  private static void put(Map<String, List<String>> headers, String name, @Nullable String value) {
    if (value != null) {
      headers.put(name, List.of(value));
    }
  }

  /** Changes a word in a few places. */
  private static byte[] changed(byte[] body) {
    byte[] changed = body.clone();
    Random random = new Random(11);
    for (int i = 0; i < 1 + body.length / 10_000; i++) {
      byte[] word = Integer.toHexString(random.nextInt()).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(word, 0, changed, random.nextInt(body.length - 8), word.length);
    }
    return changed;
  }

  private static byte[] decoded(String coding, byte[] encoded, byte[] dictionary)
      throws IOException {
    if (coding.equals("dcz")) {
      try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
        context.loadDict(dictionary, ZstdDictContentType.RAW_CONTENT);
        ByteBuffer in = ByteBuffer.allocateDirect(encoded.length).put(encoded).flip().position(40);
        ByteBuffer out = ByteBuffer.allocateDirect(10_000_000);
        while (!context.decompressDirectByteBufferStream(out, in)) {
          assertThat(in.hasRemaining()).as("it ends").isTrue();
        }
        byte[] body = new byte[out.flip().remaining()];
        out.get(body);
        return body;
      }
    }
    try (BrotliInputStream in =
        new BrotliInputStream(new ByteArrayInputStream(encoded, 36, encoded.length))) {
      in.attachDictionary(ByteBuffer.allocateDirect(dictionary.length).put(dictionary).flip());
      return in.readAllBytes();
    }
  }
}
