package dev.perfkit.examples.auth;

import com.auth0.jwt.exceptions.JWTVerificationException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HttpResponseException;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.UnauthorizedResponse;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service's HTTP endpoints, the same whatever the stack. */
final class Api implements AutoCloseable {

  static final String HOST = "127.0.0.1";

  private static final Logger LOG = LoggerFactory.getLogger(Api.class);
  private static final String BEARER = "Bearer ";
  private static final int LONGEST_FIELD = 200;
  private static final String PAGE = Resources.text("/index.html");

  private final ObjectMapper json = new ObjectMapper();
  private final Stack stack;
  private final Tokens tokens;
  private final Set<String> languages;
  private final UserStore users;
  private final AccessStore access;
  private final CountryStore countries;
  private final Live live;
  private final Javalin server;

  private Api(Stack stack, Tokens tokens, Set<String> languages) {
    this.stack = stack;
    this.tokens = tokens;
    this.languages = languages;
    this.users = new UserStore(stack);
    this.access = new AccessStore(stack, tokens);
    this.countries = new CountryStore(json);
    this.live = new Live(stack, json);
    this.server = Javalin.create(this::configure);
  }

  /**
   * Serves on loopback.
   *
   * @param port 0 for any free one
   * @throws PortTakenException if another process listens there
   */
  static Api start(Stack stack, Tokens tokens, Set<String> languages, int port) {
    Api api = new Api(stack, tokens, languages);
    try {
      api.server.start(HOST, port);
      return api;
    } catch (JavalinBindException taken) {
      throw new PortTakenException(port, taken);
    }
  }

  int port() {
    return server.port();
  }

  @Override
  public void close() {
    live.close();
    server.stop();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.jetty.modifyServer(jetty -> jetty.setStopTimeout(0)); // idle clients are not waited for
    config.routes.before(Api::readWhole);
    config.routes.post("/login", this::login);
    config.routes.post("/logout", this::logout);
    config.routes.get("/me", this::me);
    config.routes.get("/me/permissions", this::permissions);
    config.routes.put("/roles/{role}", this::changeRole);
    config.routes.get("/users/{id}", this::user);
    config.routes.put("/users/{id}", this::update);
    config.routes.get("/countries", this::countries);
    config.routes.get("/languages", context -> json(context, languages));
    config.routes.get("/", context -> context.html(PAGE));
    config.routes.sse("/events", live::join);
    config.routes.get("/metrics", this::metrics);
    config.routes.get(
        "/status", context -> jsonResult(context, stack.status().getBytes(StandardCharsets.UTF_8)));
    config.routes.exception(HttpResponseException.class, this::refused);
    config.routes.exception(Exception.class, this::failed);
    stack.install(config);
  }

  private void login(Context context) throws SQLException {
    JsonNode body = body(context);
    Optional<UserStore.Credentials> found = users.byLogin(text(body, "login"));
    char[] password = text(body, "password").toCharArray();
    String hash = found.map(UserStore.Credentials::passwordHash).orElse(null);
    if (!Passwords.matches(password, hash)) {
      throw new UnauthorizedResponse("login or password is wrong");
    }
    UserStore.Credentials user = found.orElseThrow();
    String token = tokens.issue(user.userId(), user.generation(), Tokens.LIFE);
    json(context, Map.of("token", token));
  }

  private void logout(Context context) throws SQLException {
    access.revoke(callerOf(context));
    context.status(204);
  }

  private void permissions(Context context) throws SQLException {
    json(context, access.permissions(callerOf(context)).names());
  }

  private void changeRole(Context context) throws SQLException {
    require(callerOf(context), Permissions.CHANGE_ROLES);
    JsonNode names = body(context).path("permissions");
    if (!names.isArray()) {
      throw new BadRequestResponse("'permissions' must be an array of strings");
    }
    Set<String> permissions = new TreeSet<>();
    for (JsonNode name : names) {
      permissions.add(shortText(name, "permissions"));
    }
    access.changeRole(context.pathParam("role"), permissions);
    context.status(204);
  }

  private void me(Context context) throws SQLException {
    answerUser(context, callerOf(context));
  }

  private void user(Context context) throws SQLException {
    require(callerOf(context), Permissions.READ_USERS);
    answerUser(context, idIn(context));
  }

  private void update(Context context) throws SQLException {
    long id = idIn(context);
    long caller = callerOf(context);
    if (caller != id) {
      require(caller, Permissions.CHANGE_USERS);
    }
    JsonNode body = body(context);
    if (!users.update(id, text(body, "displayName"), text(body, "phone"))) {
      throw new NotFoundResponse("there is no such user");
    }
    answerUser(context, id);
  }

  private void countries(Context context) throws SQLException {
    String asked = context.queryParam("lang");
    String language = asked == null ? "en" : asked;
    if (!languages.contains(language)) {
      throw new NotFoundResponse("lang must be a language code of the JDK, such as fr or ja");
    }
    byte[] body = stack.countries(language, () -> countries.asJson(stack.reader(), language));
    jsonResult(context, Objects.requireNonNull(body, "countries always have a JSON form"));
  }

  private void metrics(Context context) {
    context.contentType("text/plain; version=0.0.4; charset=utf-8").result(stack.metrics());
  }

  private void answerUser(Context context, long id) throws SQLException {
    User user = users.byId(id).orElseThrow(() -> new NotFoundResponse("there is no such user"));
    json(context, user);
  }

  private long callerOf(Context context) throws SQLException {
    String header = context.header("Authorization");
    if (header == null || !header.startsWith(BEARER)) {
      throw new UnauthorizedResponse(
          "needs a header 'Authorization: Bearer <token of POST /login>'");
    }
    try {
      Caller caller = access.caller(header.substring(BEARER.length()));
      if (caller != null) {
        return caller.userId();
      }
    } catch (JWTVerificationException refused) {
      LOG.debug("refused a token: {}", refused.getMessage());
    }
    throw new UnauthorizedResponse("the token is not valid, or no longer");
  }

  private void require(long caller, String permission) throws SQLException {
    if (!access.permissions(caller).allow(permission)) {
      throw new ForbiddenResponse("needs the permission '" + permission + "'");
    }
  }

  private static long idIn(Context context) {
    try {
      return Long.parseLong(context.pathParam("id"));
    } catch (NumberFormatException notANumber) {
      throw new BadRequestResponse("user id must be a number");
    }
  }

  /**
   * Takes the body in, also of a request that is refused without it: the server would answer and
   * then hang up on what is still to come, and the client lose its next request.
   */
  private static void readWhole(Context context) {
    if (context.contentLength() != 0) {
      context.bodyAsBytes();
    }
  }

  private JsonNode body(Context context) {
    try {
      return json.readTree(context.bodyAsBytes());
    } catch (IOException malformed) {
      throw new BadRequestResponse("the body must be a JSON object");
    }
  }

  private static String text(JsonNode body, String field) {
    return shortText(body.path(field), field);
  }

  private static String shortText(JsonNode value, String field) {
    if (!value.isTextual() || value.textValue().length() > LONGEST_FIELD) {
      throw new BadRequestResponse(
          "'" + field + "' must be a string of at most " + LONGEST_FIELD + " characters");
    }
    return value.textValue();
  }

  private void json(Context context, Object value) {
    try {
      jsonResult(context, json.writeValueAsBytes(value));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("no JSON form of " + value.getClass(), impossible);
    }
  }

  private static void jsonResult(Context context, byte[] body) {
    context.contentType("application/json").result(body);
  }

  private void refused(HttpResponseException refusal, Context context) {
    context.status(refusal.getStatus());
    json(context, Map.of("error", String.valueOf(refusal.getMessage())));
  }

  private void failed(Exception failure, Context context) {
    LOG.warn("{} {} failed", context.method(), context.path(), failure);
    context.status(500);
    json(context, Map.of("error", "the service could not answer; its log says why"));
  }
}
