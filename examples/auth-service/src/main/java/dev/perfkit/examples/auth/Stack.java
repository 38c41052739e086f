package dev.perfkit.examples.auth;

import io.javalin.config.JavalinConfig;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What stands between the service's handlers and its servers. There are two: without perfkit's
 * modules and with them. Safe for use by any number of threads.
 */
interface Stack extends AutoCloseable {

  /** Loads what was not cached; null if there is no such thing. */
  @FunctionalInterface
  interface Load<T> {
    @Nullable T load() throws SQLException;
  }

  /** Changes what is stored. */
  @FunctionalInterface
  interface Change {
    void run() throws SQLException;
  }

  /**
   * How often the caches were asked, and how often they answered.
   *
   * @param hits look-ups answered by any tier
   * @param all look-ups
   */
  record Lookups(long hits, long all) {

    static final Lookups NONE = new Lookups(0, 0);

    /** Returns the share of hits since an earlier reading; NaN without look-ups. */
    double hitRateSince(Lookups before) {
      long asked = all - before.all;
      return asked == 0 ? Double.NaN : (double) (hits - before.hits) / asked;
    }
  }

  /** Where to write. */
  DataSource writer();

  /** Where to read what changes rarely. */
  DataSource reader();

  /** What encrypts the columns {@code email} and {@code phone}. */
  CellCipher cipher();

  /** Returns a user, or null if there is none. */
  @Nullable User user(long id, Load<User> load) throws SQLException;

  /** Runs a user's update and commits it; what is got of the user afterwards is not older. */
  void changeUser(long id, Change change) throws SQLException;

  /** Returns the countries' JSON in a language that exists. */
  byte @Nullable [] countries(String language, Load<byte[]> load) throws SQLException;

  /** Returns whose token it is, or null if it is good no more. */
  @Nullable Caller caller(String token, Load<Caller> load) throws SQLException;

  /** Runs the revocation of a user's tokens and commits it; none of them is good afterwards. */
  void revokeTokens(long userId, Change change) throws SQLException;

  /** Returns what a user may do. */
  Permissions permissions(long userId, Load<Permissions> load) throws SQLException;

  /** Runs the change of a role's permissions and commits it; all who have it follow. */
  void changeRole(String role, Change change) throws SQLException;

  /** Adds what this stack does around every request. */
  void install(JavalinConfig config);

  /** Returns what Prometheus reads. */
  String metrics();

  /** Returns the state of every component as JSON. */
  String status();

  /** Returns what happens now, by name and as a page shows it. */
  Map<String, String> figures();

  /** Returns how the components are. */
  List<Live.Part> parts();

  /** Returns what the caches were asked so far. */
  Lookups lookups();

  /** Returns one line for each module: what it did since it was started. */
  List<String> whatItDid();

  @Override
  void close();
}
