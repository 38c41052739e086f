package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves that the first route that matches decides, whatever the spelling of its path: what is off
 * or secret is never encoded, a secret is refused to who forbids identity, levels and padding are
 * those of the route.
 */
class RoutePolicyTest {

  private static final String SITE = "https://example.org";

  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<ResponseCompressor> made = new ArrayList<>();

  RoutePolicyTest() {
    request.put("Accept-Encoding", List.of("gzip"));
    response.put("Content-Type", List.of("application/json"));
    response.put("ETag", List.of("\"v1\""));
  }

  @AfterEach
  void close() {
    made.forEach(ResponseCompressor::close);
  }

  @Test
  void off_always_isIdentityThatDoesNotVary() {
    ResponseCompressor web = of(web().route("/raw/*", RoutePolicy.off()));
    for (String accept : List.of("gzip", "identity;q=0, gzip", "*;q=0")) {
      request.put("Accept-Encoding", List.of(accept));
      EncodedBody body = get(web, "GET", "/raw/a");
      assertThat(body.decision().reason()).isEqualTo(Reason.OFF);
      assertThat(body.decision().changes().isEmpty()).isTrue();
      assertThat(body.bytes()).hasSize(10_000);
    }
  }

  @Test
  void secret_identityAllowed_isIdentityThatVaries() {
    ResponseCompressor web = of(web().route("/account/*", RoutePolicy.secret()));
    EncodedBody body = get(web, "GET", "/account");
    assertThat(body.decision().reason()).isEqualTo(Reason.SECRET);
    assertThat(body.decision().changes().set()).isEqualTo(Map.of("Vary", "Accept-Encoding"));
    assertThat(body.bytes()).hasSize(10_000);
  }

  @ParameterizedTest
  @CsvSource({"GET,406", "HEAD,406", "POST,200"})
  void secret_identityForbidden_isRefusedWhereThatIsTrue(String method, int status) {
    ResponseCompressor web = of(web().route("/account/*", RoutePolicy.secret()));
    request.put("Accept-Encoding", List.of("gzip, identity;q=0"));
    EncodedBody body = get(web, method, "/account/1");
    assertThat(body.decision().status()).isEqualTo(status);
    assertThat(body.decision().encodes()).isFalse();
    assertThat(body.decision().changes().set()).containsEntry("Vary", "Accept-Encoding");
    assertThat(body.bytes()).hasSize(status == 406 ? 0 : 10_000);
  }

  @Test
  void level_ofARoute_isThatOfItsBodies() {
    ResponseCompressor web =
        of(
            web()
                .entityTagPolicy(EntityTagPolicy.SUFFIX)
                .route("/reports/*", RoutePolicy.on().level(Coding.GZIP, 9)));
    assertThat(tag(get(web, "GET", "/reports/1"))).startsWith("\"v1--gzip-9-");
    assertThat(tag(get(web, "GET", "/else"))).startsWith("\"v1--gzip-6-");
    assertThat(get(web, "GET", "/reports/1").bytes().length)
        .isLessThanOrEqualTo(get(web, "GET", "/else").bytes().length);
  }

  @Test
  void padded_suffixPolicy_hasAWeakTagAndNoStrongOne() {
    ResponseCompressor web =
        of(web().entityTagPolicy(EntityTagPolicy.SUFFIX).route("/*", RoutePolicy.padded()));
    assertThat(tag(get(web, "GET", "/search"))).isEqualTo("W/\"v1\"");
    request.put("If-None-Match", List.of("W/\"v1\""));
    assertThat(get(web, "GET", "/search").decision().status()).isEqualTo(304);
  }

  @Test
  void padded_tagsMadeHere_areWeak() {
    response.remove("ETag");
    ResponseCompressor web =
        of(
            web()
                .entityTagPolicy(EntityTagPolicy.SUFFIX)
                .makeEntityTags(dev.perfkit.spi.ByteSize.ofMebibytes(1))
                .route("/*", RoutePolicy.padded()));
    assertThat(tag(get(web, "GET", "/search"))).startsWith("W/\"");
  }

  @Test
  void padded_head_doesNotTellALengthThatGetWillNotHave() {
    ResponseCompressor web = of(web().route("/*", RoutePolicy.padded()));
    assertThat(get(web, "HEAD", "/").decision().changes().set())
        .doesNotContainKey("Content-Length");
    assertThat(get(web, "GET", "/").decision().changes().set()).containsKey("Content-Length");
  }

  @Test
  void padded_clientThatKnowsOnlyDeflate_getsIdentity() {
    ResponseCompressor web =
        of(web().prefer(Coding.GZIP, Coding.DEFLATE).route("/search", RoutePolicy.padded()));
    request.put("Accept-Encoding", List.of("deflate"));
    assertThat(get(web, "GET", "/search").decision().reason()).isEqualTo(Reason.NOT_ACCEPTED);
    assertThat(get(web, "GET", "/").decision().coding()).isEqualTo(Coding.DEFLATE);
  }

  @Test
  void routes_asInTheReadme_areThoseOfTheirPaths() {
    // region: routes
    ResponseCompressor web =
        ResponseCompressor.named("web")
            .route("/account/*", RoutePolicy.secret()) // identity; 406 for who forbids that
            .route("/search", RoutePolicy.padded()) // 0 to 255 random bytes
            .route("/raw/*", RoutePolicy.off())
            .route("/reports/*", RoutePolicy.on().level(Coding.GZIP, 9))
            .cpuBudget(0.02) // of all processors: then faster levels, then identity
            .minify(Minifier.json())
            .build();
    // endregion: routes
    made.add(web);
    assertThat(get(web, "GET", "/account/1").decision().reason()).isEqualTo(Reason.SECRET);
    assertThat(get(web, "GET", "/search").decision().encodes()).isTrue();
    assertThat(get(web, "GET", "/raw/x").decision().reason()).isEqualTo(Reason.OFF);
    assertThat(get(web, "GET", "/reports/1").decision().encodes()).isTrue();
  }

  @Test
  void routes_severalThatMatch_theFirstCounts() {
    ResponseCompressor web =
        of(
            web()
                .route(request -> request.method().equals("POST"), RoutePolicy.off())
                .route("/a/public", RoutePolicy.on())
                .route("/a/*", RoutePolicy.secret()));
    assertThat(get(web, "GET", "/a/public").decision().encodes()).isTrue();
    assertThat(get(web, "GET", "/a/public/x").decision().reason()).isEqualTo(Reason.SECRET);
    assertThat(get(web, "POST", "/a/public").decision().reason()).isEqualTo(Reason.OFF);
    assertThat(get(web, "GET", "/b").decision().encodes()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/account",
        "/account/",
        "/account/1",
        "//account/1",
        "/./account",
        "/x/../account/1",
        "/account;jsessionid=5/1",
        "/%61ccount",
        "/account?x=/public",
        "/account#y",
        "/account/%2e",
        "/a%63count/%2e%2e/account",
        "/../account"
      })
  void pattern_anySpellingOfThePath_matches(String path) {
    ResponseCompressor web = of(web().route("/account/*", RoutePolicy.secret()));
    assertThat(get(web, "GET", path).decision().reason()).isEqualTo(Reason.SECRET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/accounts", "/Account", "/account/../x", "/x/account", "/%", "/+"})
  void pattern_anotherPath_doesNotMatch(String path) {
    ResponseCompressor web = of(web().route("/account/*", RoutePolicy.secret()));
    assertThat(get(web, "GET", path).decision().encodes()).isTrue();
  }

  @Test
  void pattern_withoutATarget_matchesIfItIsSecret() {
    ResponseCompressor web =
        of(web().route("/raw", RoutePolicy.off()).route("/account", RoutePolicy.secret()));
    RequestHead unknown = new RequestHead("GET", request::get);
    assertThat(web.decide(unknown, ResponseHead.of(200, response::get)).reason())
        .isEqualTo(Reason.SECRET);
  }

  @Test
  void pattern_originForm_matchesToo() {
    ResponseCompressor web = of(web().route("/account", RoutePolicy.secret()));
    for (String target : List.of("/account", "http://h", "http://h/account?u=http://x/y")) {
      Reason reason =
          web.decide(
                  new RequestHead("GET", request::get, target), ResponseHead.of(200, response::get))
              .reason();
      assertThat(reason)
          .as(target)
          .isEqualTo(target.equals("http://h") ? Reason.ENCODED : Reason.SECRET);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "account", "/a*", "/*/b", "*"})
  void pattern_ofAnotherForm_isRefused(String pattern) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> web().route(pattern, RoutePolicy.off()))
        .withMessage(
            "route must begin with / and have no * but in /* at its end but was " + pattern);
  }

  @Test
  void policy_always_isAValue() {
    assertThat(RoutePolicy.on().level(Coding.GZIP, 9))
        .isEqualTo(RoutePolicy.on().level(Coding.GZIP, 1).level(Coding.GZIP, 9))
        .hasSameHashCodeAs(RoutePolicy.on().level(Coding.GZIP, 9))
        .isNotEqualTo(RoutePolicy.on())
        .hasToString("RoutePolicy[on, levels {gzip=9}]");
    assertThat(RoutePolicy.padded()).hasToString("RoutePolicy[padded]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RoutePolicy.on().level(Coding.GZIP, 10))
        .withMessage("gzip level must be between 1 and 9 but was 10");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RoutePolicy.on().level(Coding.IDENTITY, 1))
        .withMessageStartingWith("level must be of a coding but identity");
  }

  private static ResponseCompressorBuilder web() {
    return ResponseCompressor.named("web");
  }

  private ResponseCompressor of(ResponseCompressorBuilder builder) {
    ResponseCompressor compressor = builder.build();
    made.add(compressor);
    return compressor;
  }

  private EncodedBody get(ResponseCompressor web, String method, String path) {
    return web.compress(
        new RequestHead(method, request::get, SITE + path),
        ResponseHead.of(200, response::get),
        Bodies.text(10_000));
  }

  private static String tag(EncodedBody body) {
    return body.decision().changes().set().getOrDefault("ETag", "none");
  }
}
