package dev.perfkit.examples.auth;

import dev.perfkit.cache.BytesSerializer;
import dev.perfkit.cache.JsonSerializer;
import dev.perfkit.cache.Memory;
import dev.perfkit.cache.RedisTier;
import dev.perfkit.cache.Stats;
import dev.perfkit.cache.TieredCache;
import dev.perfkit.compress.CompressionTransform;
import dev.perfkit.compress.EncodedBody;
import dev.perfkit.compress.RequestHead;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.ResponseHead;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.Keyring;
import dev.perfkit.crypto.Keyset;
import dev.perfkit.crypto.cluster.JdbcCoordination;
import dev.perfkit.pool.PoolGroup;
import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.Components;
import dev.perfkit.spi.Telemetry;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The service with every perfkit module; this is where they meet. */
final class PerfkitStack implements Stack {

  /** For how long a changed user is read from the primary, as the standby may lag. */
  private static final Duration STANDBY_MAY_LAG = Duration.ofSeconds(10);

  private final Components components = Components.named("auth-service");
  private final SlaMonitor sla;
  private final Service requests;
  private final PoolGroup database;
  private final Keyring keyring;
  private final Cells cells;
  private final ResponseCompressor compressor;
  private final TieredCache<Long, User> users;
  private final TieredCache<String, byte[]> countries;
  private final TieredCache<String, Tokens.Verified> verified;
  private final TieredCache<Long, Boolean> justChanged;

  PerfkitStack(Backend backend) {
    sla = components.add(SlaMonitor.create());
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
    compressor = components.add(ResponseCompressor.named("http").telemetry(telemetry).build());

    RedisTier redis = RedisTier.at(backend.redis().uri());
    ByteTransform small = CompressionTransform.zstd(3);
    users =
        components.add(
            TieredCache.<Long, User>named("users")
                .memory(Memory.entries(10_000))
                .remote(redis, JsonSerializer.of(User.class))
                .transform(small, cipher.transform())
                .timeToLive(Duration.ofMinutes(5))
                .serveStaleFor(Duration.ofHours(1))
                .telemetry(telemetry)
                .build());
    countries =
        components.add(
            TieredCache.<String, byte[]>named("countries")
                .memory(Memory.entries(300))
                .remote(redis, BytesSerializer.create())
                .transform(small)
                .timeToLive(Duration.ofHours(1))
                .serveStaleFor(Duration.ofDays(1))
                .telemetry(telemetry)
                .build());
    verified =
        components.add(
            TieredCache.<String, Tokens.Verified>named("tokens")
                .memory(Memory.entries(50_000))
                .timeToLive(Duration.ofMinutes(10))
                .telemetry(telemetry)
                .build());
    justChanged =
        components.add(
            TieredCache.<Long, Boolean>named("just-changed")
                .memory(Memory.entries(100_000))
                .timeToLive(STANDBY_MAY_LAG)
                .timeToLiveJitter(0)
                .telemetry(telemetry)
                .build());
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
  public DataSource readerOf(long userId) {
    return justChanged.getIfPresent(userId) == null ? database.reader() : database.dataSource();
  }

  @Override
  public CellCipher cipher() {
    return cells;
  }

  @Override
  public @Nullable User user(long id, Load<User> load) throws SQLException {
    return users.get(id, key -> load.load());
  }

  @Override
  public void userChanged(long id) {
    justChanged.put(id, true);
    users.remove(id);
  }

  @Override
  public byte @Nullable [] countries(String language, Load<byte[]> load) throws SQLException {
    return countries.get(language, key -> load.load());
  }

  @Override
  public Tokens.Verified verified(String token, Verify verify) {
    Tokens.Verified known = verified.get(token, verify::verify);
    return known != null && Instant.now().isBefore(known.expiresAt())
        ? known
        : verify.verify(token);
  }

  @Override
  public void install(JavalinConfig config) {
    config.routes.after(this::compress);
    config.requestLogger.http(this::record);
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
  public Lookups lookups() {
    Stats ofUsers = users.stats();
    Stats ofCountries = countries.stats();
    Stats ofTokens = verified.stats();
    long all = reads(ofUsers) + reads(ofCountries) + reads(ofTokens);
    return new Lookups(all - loads(ofUsers) - loads(ofCountries) - loads(ofTokens), all);
  }

  @Override
  public List<String> whatItDid() {
    return Account.of(metrics());
  }

  @Override
  public void close() {
    components.close();
  }

  private static long reads(Stats stats) {
    return stats.memory().hits() + stats.memory().misses();
  }

  private static long loads(Stats stats) {
    return stats.loads().succeeded() + stats.loads().absent() + stats.loads().failed();
  }

  private void compress(Context context) throws IOException {
    InputStream result = context.resultInputStream();
    if (result == null) {
      return;
    }
    EncodedBody body =
        compressor.compress(
            new RequestHead(
                context.method().name(), name -> Collections.list(context.req().getHeaders(name))),
            ResponseHead.of(context.statusCode(), context.res()::getHeaders),
            result.readAllBytes());
    body.decision().changes().applyTo(context::header, name -> context.res().setHeader(name, null));
    context.status(body.decision().status()).result(body.bytes());
  }

  private void record(Context context, float millis) {
    requests.record((long) (millis * 1e6), Outcome.status(context.statusCode()));
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
