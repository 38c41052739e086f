package dev.perfkit.examples.auth;

import static jakarta.servlet.DispatcherType.ASYNC;
import static jakarta.servlet.DispatcherType.ERROR;
import static jakarta.servlet.DispatcherType.REQUEST;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perfkit.cache.BytesSerializer;
import dev.perfkit.cache.JsonSerializer;
import dev.perfkit.cache.Loaded;
import dev.perfkit.cache.Memory;
import dev.perfkit.cache.RedisTier;
import dev.perfkit.cache.Stats;
import dev.perfkit.cache.StringSerializer;
import dev.perfkit.cache.TieredCache;
import dev.perfkit.cache.TieredCaches;
import dev.perfkit.compress.CompressionTransform;
import dev.perfkit.compress.Dictionary;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.RoutePolicy;
import dev.perfkit.compress.servlet.CompressionServletFilter;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.Keyring;
import dev.perfkit.crypto.Keyset;
import dev.perfkit.crypto.cluster.JdbcCoordination;
import dev.perfkit.pool.PoolGroup;
import dev.perfkit.pool.Session;
import dev.perfkit.sla.AlertRule;
import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import dev.perfkit.sla.Window;
import dev.perfkit.sla.WindowSnapshot;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Components;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Telemetry;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.jspecify.annotations.Nullable;

/** The service with every perfkit module; this is where they meet. */
final class PerfkitStack implements Stack {

  /** Tells reads what the same browser wrote, whichever node of the service answers. */
  static final String COOKIE = "written";

  /** The pool takes a standby out of the rotation long before it lags so far behind. */
  private static final Duration STANDBY_LAGS_LESS_THAN = Duration.ofMinutes(1);

  private static final String COUNTRIES = "/countries";
  private static final String REVOCATIONS = "revocations";
  private static final String ROLES = "roles";

  private final Components components = Components.named("auth-service");
  private final SlaMonitor sla;
  private final Service requests;
  private final PoolGroup database;
  private final Keyring keyring;
  private final Cells cells;
  private final Dictionary inEnglish;
  private final ResponseCompressor compressor;
  private final TieredCache<Long, User> users;
  private final TieredCache<String, byte[]> countries;
  private final TieredCache<String, Caller> tokens;
  private final TieredCache<Long, Permissions> permissions;

  /** What the database's log had come to after the last change of a thing. */
  private final TieredCache<String, String> positions;

  PerfkitStack(Backend backend) {
    sla = components.add(SlaMonitor.named("auth-service").alertRules(AlertRule.standard()).build());
    sla.watch(components);
    Telemetry telemetry = sla.telemetry();
    requests =
        sla.service("api", Slo.availability(0.999), Slo.latency(0.95, Duration.ofMillis(200)));
    database =
        components.add(
            PoolGroup.named("main")
                .primary(Backend.poolOf(backend.primary()))
                .replica("standby", Backend.poolOf(backend.standby()))
                .telemetry(telemetry)
                .build());
    keyring = components.add(keyring(backend, database.dataSource(), telemetry));
    FieldCipher cipher =
        components.add(FieldCipher.named("users").keyring(keyring).telemetry(telemetry).build());
    cells = new Cells(cipher);
    inEnglish = countriesInEnglish(database.dataSource());
    compressor =
        components.add(
            ResponseCompressor.named("http")
                .route("/login", RoutePolicy.secret()) // a token beside what the caller sent
                .dictionaries(inEnglish)
                .telemetry(telemetry)
                .build());

    TieredCaches caches =
        components.add(TieredCaches.named("auth", RedisTier.at(backend.redis().uri())));
    ByteTransform small = CompressionTransform.zstd(3);
    users =
        caches.add(
            TieredCache.<Long, User>named("users")
                .memory(Memory.entries(10_000))
                .transform(small, cipher.transform())
                .timeToLive(Duration.ofMinutes(5))
                .serveStaleFor(Duration.ofHours(1))
                .telemetry(telemetry),
            JsonSerializer.of(User.class));
    countries =
        caches.add(
            TieredCache.<String, byte[]>named("countries")
                .memory(Memory.entries(300))
                .transform(small)
                .timeToLive(Duration.ofHours(1))
                .serveStaleFor(Duration.ofDays(1))
                .telemetry(telemetry),
            BytesSerializer.create());
    tokens =
        caches.add(
            TieredCache.<String, Caller>named("tokens")
                .memory(Memory.entries(50_000))
                .keys(Tokens::fingerprint)
                .timeToLive(Tokens.LIFE)
                .transform(cipher.transform())
                .telemetry(telemetry),
            JsonSerializer.of(Caller.class));
    permissions =
        caches.add(
            TieredCache.<Long, Permissions>named("permissions")
                .memory(Memory.entries(10_000))
                .transform(cipher.transform())
                .timeToLive(Duration.ofMinutes(10))
                .telemetry(telemetry),
            JsonSerializer.of(Permissions.class));
    positions =
        caches.add(
            TieredCache.<String, String>named("positions")
                .memory(Memory.entries(10_000))
                .timeToLive(STANDBY_LAGS_LESS_THAN)
                .timeToLiveJitter(0)
                .telemetry(telemetry),
            StringSerializer.create());
  }

  /** Keys in the database, wrapped by a key of the key-management service, for all processes. */
  private static Keyring keyring(Backend backend, DataSource database, Telemetry telemetry) {
    try {
      return Keyring.named("user-keys")
          .coordination(JdbcCoordination.of(database).createTables())
          .keyManagement(backend.keyManagement())
          .firstKeys(Keyset.of(backend.keyset()))
          .refreshEvery(Duration.ofSeconds(2))
          .telemetry(telemetry)
          .build();
    } catch (IOException unreachable) {
      throw new UncheckedIOException("cannot keep the keys in the database", unreachable);
    }
  }

  /** What the countries have in common in all languages: their codes, and the shape around. */
  private static Dictionary countriesInEnglish(DataSource database) {
    try {
      byte[] english = new CountryStore(new ObjectMapper()).asJson(database, "en");
      return Dictionary.matching(COUNTRIES, english).id("countries-en");
    } catch (SQLException unreachable) {
      throw new IllegalStateException("cannot read the countries", unreachable);
    }
  }

  /** Returns the keys of the encrypted columns and of the cached users. */
  Keyring keyring() {
    return keyring;
  }

  @Override
  public DataSource writer() {
    return database.dataSource();
  }

  @Override
  public DataSource reader() {
    return database.reader();
  }

  @Override
  public CellCipher cipher() {
    return cells;
  }

  @Override
  public @Nullable User user(long id, Load<User> load) throws SQLException {
    return users.get(id, key -> noOlderThan(user(id), load));
  }

  private static String user(long id) {
    return "user:" + id;
  }

  @Override
  public void changeUser(long id, Change change) throws SQLException {
    noting(user(id), change);
    users.remove(id);
  }

  @Override
  public byte @Nullable [] countries(String language, Load<byte[]> load) throws SQLException {
    return countries.get(language, key -> load.load());
  }

  @Override
  public @Nullable Caller caller(String token, Load<Caller> load) throws SQLException {
    return tokens.fetch(token, (key, older) -> untilItExpires(noOlderThan(REVOCATIONS, load)));
  }

  /**
   * A token is good until it expires, or its user's tokens are revoked, and not a moment longer.
   */
  private static Loaded<Caller> untilItExpires(@Nullable Caller caller) {
    return caller == null
        ? Loaded.absent()
        : Loaded.of(caller).tags(tokensOf(caller.userId())).notAfter(caller.expiresAt());
  }

  private static String tokensOf(long userId) {
    return "tokens-of:" + userId;
  }

  @Override
  public void revokeTokens(long userId, Change change) throws SQLException {
    noting(REVOCATIONS, change);
    tokens.invalidateTag(tokensOf(userId));
  }

  @Override
  public Permissions permissions(long userId, Load<Permissions> load) throws SQLException {
    return Objects.requireNonNull(
        permissions.fetch(userId, (key, older) -> untilARoleChanges(noOlderThan(ROLES, load))),
        "every user has permissions, be it none");
  }

  private static Loaded<Permissions> untilARoleChanges(@Nullable Permissions permissions) {
    Objects.requireNonNull(permissions, "every user has permissions, be it none");
    return Loaded.of(permissions)
        .tags(permissions.roles().stream().map(PerfkitStack::role).toArray(String[]::new));
  }

  private static String role(String role) {
    return "role:" + role;
  }

  @Override
  public void changeRole(String role, Change change) throws SQLException {
    noting(ROLES, change);
    permissions.invalidateTag(role(role));
  }

  /** Changes a thing, and notes what the database's log has come to, before anybody is told. */
  private void noting(String thing, Change change) throws SQLException {
    Optional<Session> around = database.session();
    if (around.isPresent()) {
      change.run();
      positions.put(thing, around.get().token().toString());
      return;
    }
    try (Session own = database.openSession()) {
      change.run();
      positions.put(thing, own.token().toString());
    }
  }

  /** Loads a thing from a copy of the database that has its last change. */
  private <T> @Nullable T noOlderThan(String thing, Load<T> load) throws SQLException {
    String position = positions.getIfPresent(thing);
    if (position == null) {
      return load.load();
    }
    Session seeing = database.openSession(position);
    try {
      return load.load();
    } finally {
      seeing.close();
    }
  }

  @Override
  public void install(JavalinConfig config) {
    config.jetty.modifyServletContextHandler(
        context -> {
          around(context, this::measured);
          around(context, CompressionServletFilter.of(compressor));
          around(context, this::readingItsWrites);
        });
    config.routes.after(COUNTRIES, this::offerAsDictionary);
  }

  /** A browser keeps the countries in English, and gets other languages as the difference. */
  private void offerAsDictionary(Context context) {
    String language = context.queryParam("lang");
    if (context.statusCode() == 200 && (language == null || language.equals("en"))) {
      context.header("Use-As-Dictionary", inEnglish.useAsDictionary());
      context.header("Cache-Control", "max-age=3600");
    }
  }

  private static void around(ServletContextHandler context, Filter filter) {
    FilterHolder holder = new FilterHolder(filter);
    holder.setAsyncSupported(true);
    context.addFilter(holder, "/*", EnumSet.of(REQUEST, ASYNC, ERROR));
  }

  private void measured(ServletRequest request, ServletResponse response, FilterChain next)
      throws IOException, ServletException {
    long started = requests.start();
    Outcome outcome = Outcome.failure();
    try {
      next.doFilter(request, response);
      outcome = Outcome.status(((HttpServletResponse) response).getStatus());
    } finally {
      requests.end(started, outcome);
    }
  }

  private void readingItsWrites(ServletRequest request, ServletResponse response, FilterChain next)
      throws IOException, ServletException {
    String before = cookieOf((HttpServletRequest) request);
    try (Session session = database.openSession(before)) {
      next.doFilter(request, response);
      String after = session.token().toString();
      if (!after.equals(before) && !response.isCommitted()) {
        Cookie cookie = new Cookie(COOKIE, after);
        cookie.setHttpOnly(true);
        cookie.setPath("/");
        ((HttpServletResponse) response).addCookie(cookie);
      }
    }
  }

  private static String cookieOf(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    return cookies == null
        ? ""
        : Arrays.stream(cookies)
            .filter(cookie -> cookie.getName().equals(COOKIE))
            .map(Cookie::getValue)
            .findFirst()
            .orElse("");
  }

  @Override
  public String metrics() {
    return sla.prometheus();
  }

  @Override
  public String status() {
    return sla.json();
  }

  @Override
  public Map<String, String> figures() {
    WindowSnapshot last = requests.window(Window.TEN_SECONDS);
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("requests/s", say("%,.0f", last.throughput()));
    figures.put("p50 ms", millis(last.percentile(0.5)));
    figures.put("p99 ms", millis(last.percentile(0.99)));
    figures.put("errors/10 s", say("%,d", last.errors()));
    figures.put("in flight", say("%,d", requests.inFlight()));
    figures.put("cache hits", say("%.1f %%", 100 * lookups().hitRateSince(Lookups.NONE)));
    return figures;
  }

  private static String millis(Optional<Duration> time) {
    return time.map(known -> say("%,.1f", known.toNanos() / 1e6)).orElse("-");
  }

  private static String say(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }

  @Override
  public List<Live.Part> parts() {
    return components.all().stream().map(PerfkitStack::part).toList();
  }

  private static Live.Part part(Component component) {
    Health health = component.health();
    return new Live.Part(
        component.kind(), component.name(), health.status().name(), health.reason());
  }

  @Override
  public Lookups lookups() {
    long all = 0;
    long loads = 0;
    for (TieredCache<?, ?> cache : List.of(users, countries, tokens, permissions)) {
      Stats stats = cache.stats();
      all += stats.memory().hits() + stats.memory().misses();
      loads += stats.loads().succeeded() + stats.loads().absent() + stats.loads().failed();
    }
    return new Lookups(all - loads, all);
  }

  @Override
  public List<String> whatItDid() {
    return Account.of(metrics());
  }

  @Override
  public void close() {
    components.close();
  }

  /** Cells encrypted by perf-crypto. */
  private record Cells(FieldCipher cipher) implements CellCipher {

    @Override
    public byte[] seal(String clear, Cell cell) {
      return cipher.encrypt(clear, cell.context());
    }

    @Override
    public String open(byte[] sealed, Cell cell) {
      return cipher.decryptToString(sealed, cell.context());
    }
  }
}
