package dev.perfkit.testkit.internal;

import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;

/**
 * A JVM that starts servers, prints the ids of their processes, and does not close them, one of
 * which it freezes: it waits for a line of input and then exits without.
 */
final class StartsServersAndWaits {

  private StartsServersAndWaits() {}

  @SuppressWarnings({"MustBeClosedChecker", "SystemOut"}) // that nobody closes them is the point
  public static void main(String[] arguments) throws IOException {
    RedisFixture redis = RedisFixture.start();
    PostgresFixture servers = PostgresFixture.startWithStandby();
    servers.standby().freeze();
    System.out.println(
        "started " + redis.pid() + " " + servers.primary().pid() + " " + servers.standby().pid());
    System.in.read();
  }
}
