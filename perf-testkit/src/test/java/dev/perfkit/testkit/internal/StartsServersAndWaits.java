package dev.perfkit.testkit.internal;

import dev.perfkit.testkit.jvm.Jvm;
import dev.perfkit.testkit.jvm.JvmFixture;
import dev.perfkit.testkit.jvm.JvmProgram;
import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.redis.RedisClusterFixture;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;
import java.util.stream.Collectors;

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
    RedisClusterFixture cluster = RedisClusterFixture.start();
    cluster.nodes().get(0).freeze();
    Jvm jvm = JvmFixture.create().start(Echo.class);
    System.out.println(
        "started "
            + redis.pid()
            + " "
            + servers.primary().pid()
            + " "
            + servers.standby().pid()
            + " "
            + cluster.nodes().stream().map(n -> n.pid() + " ").collect(Collectors.joining())
            + jvm.pid());
    System.in.read();
  }

  /** A program in another JVM, which has to end as well. */
  static final class Echo implements JvmProgram {
    @Override
    public String answer(String command) {
      return command;
    }
  }
}
