package dev.perfkit.testkit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.perfkit.testkit.internal.Leftovers;
import dev.perfkit.testkit.internal.Ports;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Proves that the fixture's Redis is real, dies and comes back as documented, leaves nothing
 * behind, and says what to do when it cannot run.
 */
@Timeout(120)
class RedisFixtureIT {

  @Test
  void start_withDefaults_answersAndKeepsValues() throws IOException {
    try (RedisFixture redis = RedisFixture.start();
        RedisConversation client = RedisConversation.with(redis)) {
      assertThat(redis.uri()).isEqualTo("redis://127.0.0.1:" + redis.port());
      assertThat(redis.isRunning()).isTrue();
      assertThat(client.say("SET greeting hello")).isEqualTo("+OK");
      assertThat(client.say("STRLEN greeting")).isEqualTo(":5");
    }
  }

  @Test
  void start_severalAtOnce_eachHasItsOwnServer() {
    List<RedisFixture> all =
        IntStream.range(0, 6).parallel().mapToObj(i -> RedisFixture.start()).toList();
    try {
      assertThat(all).extracting(RedisFixture::port).doesNotHaveDuplicates();
      assertThat(all).extracting(RedisFixture::pid).doesNotHaveDuplicates();
      assertThat(all).allMatch(RedisFixture::isRunning);
    } finally {
      all.forEach(RedisFixture::close);
    }
  }

  @Test
  void kill_runningServer_endsItsProcessAndConnections() throws IOException {
    try (RedisFixture redis = RedisFixture.start();
        RedisConversation client = RedisConversation.with(redis)) {
      client.say("PING");
      redis.kill();
      assertThat(redis.isRunning()).isFalse();
      assertThat(Leftovers.isGone(redis.pid())).isTrue();
      assertThat(log(redis)).doesNotContain("bye bye");
      assertThatExceptionOfType(ConnectException.class)
          .isThrownBy(() -> RedisConversation.with(redis));
      redis.kill();
    }
  }

  @Test
  void stop_runningServer_letsItSayGoodbye() throws IOException {
    try (RedisFixture redis = RedisFixture.start();
        RedisConversation client = RedisConversation.with(redis)) {
      client.say("PING");
      redis.stop();
      assertThat(redis.isRunning()).isFalse();
      assertThat(log(redis)).contains("Received SIGTERM").contains("bye bye");
      assertThat(client.say("PING")).isEqualTo("end");
      redis.stop();
    }
  }

  @Test
  void restart_afterKill_isEmptyOnTheSamePort() throws IOException {
    try (RedisFixture redis = RedisFixture.start()) {
      String uri = redis.uri();
      long pid = redis.pid();
      say(redis, "SET greeting hello");
      redis.kill();
      redis.restart();
      assertThat(redis.uri()).isEqualTo(uri);
      assertThat(redis.pid()).isNotEqualTo(pid);
      assertThat(redis.isRunning()).isTrue();
      assertThat(say(redis, "DBSIZE")).isEqualTo(":0");
    }
  }

  @Test
  void restart_afterStopOrWhileRunning_isEmpty() throws IOException {
    try (RedisFixture redis = RedisFixture.start()) {
      say(redis, "SET greeting hello");
      redis.stop();
      redis.restart();
      assertThat(say(redis, "DBSIZE")).isEqualTo(":0");
      say(redis, "SET greeting hello");
      redis.restart();
      assertThat(say(redis, "DBSIZE")).isEqualTo(":0");
    }
  }

  @Test
  void restart_portTakenMeanwhile_saysSoAndCanBeTriedAgain() throws IOException {
    try (RedisFixture redis = RedisFixture.start()) {
      redis.kill();
      try (ServerSocket thief = new ServerSocket()) {
        thief.bind(new InetSocketAddress(Ports.loopback(), redis.port()));
        assertThatIllegalStateException()
            .isThrownBy(redis::restart)
            .withMessageContaining("another process took port " + redis.port());
      }
      redis.restart();
      assertThat(say(redis, "PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void freeze_runningServer_answersNothingUntilThawed() {
    DefaultJedisClientConfig patience =
        DefaultJedisClientConfig.builder().timeoutMillis(300).build();
    try (RedisFixture redis = RedisFixture.start();
        Jedis before = new Jedis(redis.host(), redis.port(), patience);
        Jedis during = new Jedis(redis.host(), redis.port(), patience)) {
      before.set("greeting", "hello");
      redis.freeze();
      redis.freeze();
      assertThat(redis.isRunning()).isTrue();
      assertThatExceptionOfType(JedisConnectionException.class)
          .isThrownBy(() -> before.get("greeting"))
          .withMessageContaining("timed out");
      assertThatExceptionOfType(JedisConnectionException.class).isThrownBy(during::ping);
      redis.thaw();
      redis.thaw();
      try (Jedis after = new Jedis(redis.host(), redis.port())) {
        assertThat(after.get("greeting")).isEqualTo("hello");
      }
    }
  }

  @Test
  void freeze_thenStopOrKillOrRestart_isNoObstacle() throws IOException {
    try (RedisFixture redis = RedisFixture.start()) {
      redis.freeze();
      redis.stop();
      assertThat(log(redis)).contains("bye bye");
      assertThatIllegalStateException()
          .isThrownBy(redis::freeze)
          .withMessageContaining("does not run: it ended with exit code 0");
      redis.thaw();
      redis.restart();
      redis.freeze();
      redis.kill();
      assertThat(Leftovers.isGone(redis.pid())).isTrue();
      redis.restart();
      assertThat(say(redis, "PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void close_anyState_leavesNoProcessAndNoFile() throws IOException {
    RedisFixture running = RedisFixture.start();
    RedisFixture killed = RedisFixture.start();
    killed.kill();
    RedisFixture frozen = RedisFixture.start();
    frozen.freeze();
    for (RedisFixture redis : List.of(running, killed, frozen)) {
      assertThat(Leftovers.fixtureOf(redis.pid())).isPresent();
      redis.close();
      assertThat(redis.isRunning()).isFalse();
      assertThat(Leftovers.isGone(redis.pid())).isTrue();
      assertThat(Leftovers.fixtureOf(redis.pid())).isEmpty();
      assertThat(Ports.isFree(redis.port())).isTrue();
    }
  }

  @Test
  void close_secondTime_doesNothingAndRestartIsRefused() {
    RedisFixture redis = RedisFixture.start();
    redis.close();
    redis.close();
    redis.kill();
    redis.stop();
    assertThatIllegalStateException()
        .isThrownBy(redis::restart)
        .withMessageContaining("its fixture is closed");
  }

  @Test
  void binary_ownProgram_isUsed(@TempDir Path folder) throws IOException {
    Path marker = folder.resolve("used");
    Path own = script(folder, "touch " + marker + "\nexec " + packedProgram() + " \"$@\"\n");
    try (RedisFixture redis = RedisFixture.builder().binary(own).start()) {
      assertThat(say(redis, "PING")).isEqualTo("+PONG");
      assertThat(marker).exists();
    }
  }

  @Test
  void binary_withoutItsLibraries_saysWhatToInstall(@TempDir Path folder) throws IOException {
    Path broken =
        script(
            folder,
            "echo 'error while loading shared libraries: libssl.so.3: cannot open shared object"
                + " file' >&2\nexit 127\n");
    assertThatIllegalStateException()
        .isThrownBy(() -> RedisFixture.builder().binary(broken).start())
        .withMessageContaining(broken + " does not run here: it ended with exit code 127")
        .withMessageContaining("libraries: libssl.so.3: cannot open")
        .withMessageContaining("apt-get install libssl3")
        .withMessageContaining("RedisFixture.builder().binary(path)");
    assertThat(Leftovers.fixturesOfThisJvm()).isEmpty();
  }

  @Test
  void binary_notAProgram_saysWhatIsWrong(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "#!/no/such/interpreter");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisFixture.builder().binary(text))
        .withMessage("binary must be an executable file but was " + text);
    Files.setPosixFilePermissions(text, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThatIllegalStateException()
        .isThrownBy(() -> RedisFixture.builder().binary(text).start())
        .withMessageContaining(text + " cannot be started")
        .withMessageContaining("noexec");
  }

  @Test
  void startTimeout_serverThatNeverAnswers_failsWithItsLogAndLeavesNothing(@TempDir Path folder)
      throws IOException {
    Path silent =
        script(
            folder,
            "if [ \"$1\" = --version ]; then exit 0; fi\necho I am thinking\nexec sleep 600\n");
    RedisFixture.Builder builder =
        RedisFixture.builder().binary(silent).startTimeout(Duration.ofSeconds(3));
    assertThatIllegalStateException()
        .isThrownBy(builder::start)
        .withMessageContaining("did not start (startTimeout is PT3S): it is running")
        .withMessageContaining("I am thinking");
    assertThat(Leftovers.fixturesOfThisJvm()).isEmpty();
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisFixture.builder().startTimeout(Duration.ZERO))
        .withMessage("startTimeout must be over 0 but was PT0S");
  }

  @Test
  void start_withoutTheArtifact_namesIt() throws Exception {
    Class<?> fixture = Leftovers.loadWithout(RedisFixture.class, "embedded-redis");
    assertThatExceptionOfType(InvocationTargetException.class)
        .isThrownBy(() -> fixture.getMethod("start").invoke(null))
        .havingCause()
        .isInstanceOf(IllegalStateException.class)
        .withMessage(
            "RedisFixture needs com.github.codemonstur:embedded-redis, which is not on the class"
                + " path; add it as a dependency with scope test");
  }

  private static String say(RedisFixture redis, String command) throws IOException {
    try (RedisConversation client = RedisConversation.with(redis)) {
      return client.say(command);
    }
  }

  private static String log(RedisFixture redis) throws IOException {
    Path folder = Leftovers.fixtureOf(redis.pid()).orElseThrow();
    return Files.readString(folder.resolve("redis.log"));
  }

  private static Path packedProgram() throws IOException {
    try (RedisFixture redis = RedisFixture.start()) {
      ProcessHandle server = ProcessHandle.of(redis.pid()).orElseThrow();
      return Path.of(server.info().command().orElseThrow());
    }
  }

  private static Path script(Path folder, String text) throws IOException {
    Path script = Files.writeString(folder.resolve("redis-script"), "#!/bin/sh\n" + text);
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
