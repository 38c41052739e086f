package dev.perfkit.testkit.internal;

import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;

/**
 * A JVM whose own shutdown hook closes the servers, a while after it began: until then they must
 * accept connections, and the hook says so.
 */
final class ClosesServersInItsHook {

  private static final long WHILE = 1_500_000_000;

  private ClosesServersInItsHook() {}

  @SuppressWarnings({"MustBeClosedChecker", "SystemOut"}) // the hook closes them
  public static void main(String[] arguments) {
    RedisFixture redis = RedisFixture.start();
    redis.removeShutdownHook();
    PostgresFixture servers = PostgresFixture.builder().start();
    servers.removeShutdownHook();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  LockSupport.parkNanos(WHILE);
                  connect(redis.host(), redis.port());
                  connect(servers.primary().host(), servers.primary().port());
                  System.out.println("both were there");
                  servers.close();
                  redis.close();
                }));
    System.exit(0);
  }

  private static void connect(String host, int port) {
    try (Socket socket = new Socket(host, port)) {
      socket.setSoTimeout(1);
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }
}
