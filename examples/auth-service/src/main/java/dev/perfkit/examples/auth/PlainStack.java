package dev.perfkit.examples.auth;

import com.zaxxer.hikari.HikariDataSource;
import io.javalin.config.JavalinConfig;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The service without perfkit: one HikariCP pool on the primary, plain Tink, nothing else. */
final class PlainStack implements Stack {

  private final HikariDataSource pool;
  private final CellCipher cipher;

  PlainStack(Backend backend) {
    try {
      cipher = new TinkCells(backend.keyset());
    } catch (GeneralSecurityException failure) {
      throw new IllegalStateException("cannot use the keyset", failure);
    }
    pool = new HikariDataSource(Backend.poolOf(backend.primary()));
  }

  @Override
  public DataSource writer() {
    return pool;
  }

  @Override
  public DataSource reader() {
    return pool;
  }

  @Override
  public CellCipher cipher() {
    return cipher;
  }

  @Override
  public @Nullable User user(long id, Load<User> load) throws SQLException {
    return load.load();
  }

  @Override
  public void changeUser(long id, Change change) throws SQLException {
    change.run();
  }

  @Override
  public byte @Nullable [] countries(String language, Load<byte[]> load) throws SQLException {
    return load.load();
  }

  @Override
  public @Nullable Caller caller(String token, Load<Caller> load) throws SQLException {
    return load.load();
  }

  @Override
  public void revokeTokens(long userId, Change change) throws SQLException {
    change.run();
  }

  @Override
  public Permissions permissions(long userId, Load<Permissions> load) throws SQLException {
    return Objects.requireNonNull(load.load(), "every user has permissions, be it none");
  }

  @Override
  public void changeRole(String role, Change change) throws SQLException {
    change.run();
  }

  @Override
  public void install(JavalinConfig config) {
    // Nothing happens around a request.
  }

  @Override
  public String metrics() {
    return "";
  }

  @Override
  public String status() {
    return "{\"modules\":\"off\"}";
  }

  @Override
  public Map<String, String> figures() {
    return Map.of("modules", "off");
  }

  @Override
  public List<Live.Part> parts() {
    return List.of();
  }

  @Override
  public Lookups lookups() {
    return Lookups.NONE;
  }

  @Override
  public List<String> whatItDid() {
    return List.of();
  }

  @Override
  public void close() {
    pool.close();
  }
}
