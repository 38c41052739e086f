package dev.perfkit.examples.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.auth0.jwt.JWT;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoints answer the same with the modules off and on. */
@SuppressWarnings("NullAway.Init") // each test begins with serve()
class ApiIT {

  private static Backend backend;

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient client = HttpClient.newHttpClient();
  private Stack stack;
  private Api api;

  @BeforeAll
  static void startServers() {
    backend = Backend.start(300);
  }

  @AfterAll
  static void stopServers() {
    backend.close();
  }

  private void serve(boolean modules) {
    stack = modules ? new PerfkitStack(backend) : new PlainStack(backend);
    api = Api.start(stack, backend.tokens(), ReferenceData.languages(), 0);
  }

  @AfterEach
  void stopService() {
    api.close();
    stack.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void login_rightPassword_givesATokenThatMeAccepts(boolean modules) throws Exception {
    serve(modules);
    HttpResponse<String> login =
        post("/login", "{\"login\":\"user-3\",\"password\":\"correct horse 3\"}");
    assertThat(login.statusCode()).isEqualTo(200);
    String token = json.readTree(login.body()).get("token").textValue();

    JsonNode me = json.readTree(get("/me", token).body());
    assertThat(me.get("id").longValue()).isEqualTo(3);
    assertThat(me.get("email").textValue()).isEqualTo("user-3@example.org");
    assertThat(me.get("phone").textValue()).isEqualTo("+49 30 1000003");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void login_wrongPasswordOrUser_is401WithTheSameAnswer(boolean modules) throws Exception {
    serve(modules);
    HttpResponse<String> password = post("/login", "{\"login\":\"user-3\",\"password\":\"no\"}");
    HttpResponse<String> user = post("/login", "{\"login\":\"nobody\",\"password\":\"no\"}");
    HttpResponse<String> locked = post("/login", "{\"login\":\"user-200\",\"password\":\"no\"}");
    assertThat(password.statusCode()).isEqualTo(401);
    assertThat(user.statusCode()).isEqualTo(401);
    assertThat(locked.statusCode()).isEqualTo(401);
    assertThat(user.body()).isEqualTo(password.body()).isEqualTo(locked.body());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void requests_thatAreWrong_getAClearAnswer(boolean modules) throws Exception {
    serve(modules);
    String token = backend.tokens().issue(5);
    assertThat(get("/me", "forged").statusCode()).isEqualTo(401);
    assertThat(get("/users/99999", token).statusCode()).isEqualTo(404);
    assertThat(get("/users/x", token).statusCode()).isEqualTo(400);
    assertThat(get("/countries?lang=tlh", token).statusCode()).isEqualTo(404);
    assertThat(put("/users/6", "{\"displayName\":\"A\",\"phone\":\"1\"}", token).statusCode())
        .isEqualTo(403);
    assertThat(put("/users/5", "{\"displayName\":7}", token).body())
        .contains("'displayName' must be a string");
    assertThat(put("/users/5", "not json", token).statusCode()).isEqualTo(400);
    assertThat(get("/none", token).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void request_refusedBeforeItsBodyHasCome_keepsTheConnection(boolean modules) throws Exception {
    serve(modules);
    String head =
        "PUT /users/6 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
            .formatted(backend.tokens().issue(5));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
      socket.setSoTimeout(20_000);
      write(socket, head + "Content-Length: 2\r\n\r\n");
      // Time to answer without the body, and to hang up.
      await().pollDelay(Duration.ofMillis(300)).until(() -> true);
      write(socket, "{}" + head + "Connection: close\r\nContent-Length: 2\r\n\r\n{}");
      String answers = new String(socket.getInputStream().readAllBytes(), US_ASCII);
      assertThat(answers.split("HTTP/1.1 403", -1)).hasSize(3);
    }
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    socket.getOutputStream().flush();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void update_isReadBackAtOnce_alwaysTheNewest(boolean modules) throws Exception {
    serve(modules);
    String token = backend.tokens().issue(7);
    for (int i = 0; i < 200; i++) {
      String body = "{\"displayName\":\"Name %d\",\"phone\":\"%d\"}".formatted(i, i);
      assertThat(put("/users/7", body, token).statusCode()).isEqualTo(200);
      JsonNode me = json.readTree(get("/me", token).body());
      assertThat(me.get("displayName").textValue()).isEqualTo("Name " + i);
      assertThat(me.get("phone").textValue()).isEqualTo(Integer.toString(i));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countries_inALanguage_haveTheirNames(boolean modules) throws Exception {
    serve(modules);
    for (int again = 0; again < 2; again++) {
      HttpResponse<String> response = get("/countries?lang=de", "");
      assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
      JsonNode countries = json.readTree(response.body());
      assertThat(countries).hasSizeGreaterThan(240);
      JsonNode france = find(countries, "FR");
      assertThat(france.get("name").textValue()).isEqualTo("Frankreich");
      assertThat(france.get("currency").get("name").textValue()).isEqualTo("Euro");
      assertThat(france.get("languages").toString()).contains("Französisch");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void logout_endsAllTokensOfTheCaller_andOfNobodyElse(boolean modules) throws Exception {
    serve(modules);
    String login = "{\"login\":\"user-4\",\"password\":\"correct horse 4\"}";
    String token = json.readTree(post("/login", login).body()).get("token").textValue();
    String other = backend.tokens().issue(10);
    assertThat(get("/me", token).statusCode()).isEqualTo(200);
    assertThat(get("/me", other).statusCode()).isEqualTo(200);

    assertThat(post("/logout", "", token).statusCode()).isEqualTo(204);
    assertThat(get("/me", token).statusCode()).isEqualTo(401);
    assertThat(get("/me", other).statusCode()).isEqualTo(200);
    String next = json.readTree(post("/login", login).body()).get("token").textValue();
    assertThat(get("/me", next).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void token_pastItsEnd_isRefusedAlsoWhenItWasKnown(boolean modules) throws Exception {
    serve(modules);
    assertThat(get("/me", backend.tokens().issue(12)).statusCode()).as("warmed up").isEqualTo(200);
    String token = backend.tokens().issue(11, 0, Duration.ofSeconds(4));
    assertThat(get("/me", token).statusCode()).isEqualTo(200);
    Instant end = JWT.decode(token).getExpiresAtAsInstant();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> get("/me", token).statusCode() == 401 || Instant.now().isAfter(end));
    assertThat(Instant.now()).as("not before its end").isAfterOrEqualTo(end);
    assertThat(get("/me", token).statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void changeOfARole_countsAtOnceForAllWhoHaveIt(boolean modules) throws Exception {
    serve(modules);
    String admin = backend.tokens().issue(1);
    String support = backend.tokens().issue(102);
    String change = "{\"displayName\":\"A\",\"phone\":\"1\"}";
    assertThat(put("/users/6", change, support).statusCode()).isEqualTo(200);
    assertThat(put("/roles/support", "{\"permissions\":[]}", support).statusCode()).isEqualTo(403);

    assertThat(put("/roles/support", "{\"permissions\":[]}", admin).statusCode()).isEqualTo(204);
    HttpResponse<String> refused = put("/users/6", change, support);
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("needs the permission 'users:change'");
    assertThat(get("/users/6", support).statusCode()).as("as a member").isEqualTo(200);

    String given = "{\"permissions\":[\"users:change\"]}";
    assertThat(put("/roles/support", given, admin).statusCode()).isEqualTo(204);
    assertThat(put("/users/6", change, support).statusCode()).isEqualTo(200);
    assertThat(get("/me/permissions", support).body())
        .isEqualTo("[\"users:change\",\"users:read\"]");
    assertThat(put("/roles/support", "{\"permissions\":7}", admin).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void page_andItsStreamOfFigures_arrive(boolean modules) throws Exception {
    serve(modules);
    HttpResponse<String> page = get("/", "");
    assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
    assertThat(page.body()).contains("new EventSource('/events')");
    assertThat(json.readTree(get("/languages", "").body())).hasSizeGreaterThan(200);

    HttpRequest events =
        request("/events")
            .header("Accept", "text/event-stream")
            .header("Accept-Encoding", "identity")
            .build();
    try (Stream<String> lines = client.send(events, BodyHandlers.ofLines()).body()) {
      List<String> data = lines.filter(line -> line.startsWith("data: ")).limit(2).toList();
      assertThat(json.readTree(data.get(0).substring(6)).get("number").intValue()).isEqualTo(1);
      JsonNode second = json.readTree(data.get(1).substring(6));
      assertThat(second.get("number").intValue()).isEqualTo(2);
      assertThat(second.get("figures")).isNotEmpty();
      assertThat(second.get("components").isEmpty()).isEqualTo(!modules);
    }
  }

  private static JsonNode find(JsonNode countries, String code) {
    for (JsonNode country : countries) {
      if (country.get("code").textValue().equals(code)) {
        return country;
      }
    }
    throw new AssertionError("no country " + code);
  }

  private HttpResponse<String> get(String path, String token) throws Exception {
    return send(request(path).header("Authorization", "Bearer " + token).GET());
  }

  private HttpResponse<String> put(String path, String body, String token) throws Exception {
    return send(
        request(path)
            .header("Authorization", "Bearer " + token)
            .PUT(BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return post(path, body, "");
  }

  private HttpResponse<String> post(String path, String body, String token) throws Exception {
    return send(
        request(path)
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.ofString(body)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + Api.HOST + ":" + api.port() + path))
        .timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
