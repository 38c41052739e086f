package dev.perfkit.testkit.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.redis.RedisFixture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves that servers do not outlive their JVM for long: they end with it when it exits, and with
 * the start of the next fixture when it was killed; and that those of a living JVM are left alone.
 */
@Timeout(180)
class AbandonedFixtureIT {

  private Process jvm;
  private List<Long> servers;
  private List<Long> processes;
  private Set<Path> folders;
  private List<String> memory;

  @BeforeEach
  void startServersInAnotherJvm() throws IOException {
    jvm = fork();
    servers = readPids(jvm);
    processes = withDescendants(servers);
    folders = new LinkedHashSet<>();
    memory = new ArrayList<>();
    for (long pid : servers) {
      folders.add(Leftovers.fixtureOf(pid).orElseThrow());
    }
    for (Path folder : folders) {
      memory.addAll(Leftovers.sharedMemoryOf(folder.resolve("primary")));
      memory.addAll(Leftovers.sharedMemoryOf(folder.resolve("standby")));
    }
    assertThat(folders).as("of Redis, PostgreSQL, a cluster and a JVM").hasSize(4);
    assertThat(processes).hasSizeGreaterThan(8);
    assertThat(servers).noneMatch(Leftovers::isGone);
  }

  @AfterEach
  void end() throws InterruptedException {
    jvm.destroyForcibly().waitFor(); // until then its servers pass for those of a living JVM
    RedisFixture.start().close();
  }

  @Test
  void start_afterAJvmWasKilled_endsItsServersAndDeletesTheirFiles() throws Exception {
    jvm.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    assertThat(servers.subList(0, 6)).as("nobody told them to end").noneMatch(Leftovers::isGone);
    assertThat(folders).allMatch(Files::exists);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Leftovers.isGone(servers.get(6))); // a JVM ends by itself
    try (RedisFixture next = RedisFixture.start()) {
      assertThat(next.isRunning()).isTrue();
      assertNothingIsLeft();
    }
  }

  @Test
  void start_afterAJvmAndAPostmasterWereKilled_endsTheOrphans() throws Exception {
    jvm.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    ProcessHandle.of(servers.get(1)).orElseThrow().destroyForcibly();
    RedisFixture.start().close();
    assertNothingIsLeft();
  }

  @Test
  void start_whileAnotherJvmLives_leavesItsServersAlone() {
    RedisFixture.start().close();
    assertThat(servers).noneMatch(Leftovers::isGone);
    assertThat(folders).allMatch(Files::exists);
  }

  @Test
  void exit_withoutClosing_endsServersAndDeletesTheirFiles() throws Exception {
    jvm.getOutputStream().write('\n');
    jvm.getOutputStream().flush();
    assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertNothingIsLeft();
  }

  @Test
  void exit_byASignal_endsServersAndDeletesTheirFiles() throws Exception {
    jvm.destroy();
    assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws IOException {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(processes).allMatch(Leftovers::isGone));
    assertThat(folders).noneMatch(Files::exists);
    for (String id : memory) {
      assertThat(Leftovers.sharedMemoryExists(id)).isFalse();
    }
  }

  private static Process fork() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            "-cp",
            System.getProperty("java.class.path"),
            StartsServersAndWaits.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static List<Long> readPids(Process jvm) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8));
    String line = String.valueOf(out.readLine());
    assertThat(line).startsWith("started ");
    return Stream.of(line.substring("started ".length()).split(" ", -1))
        .map(Long::valueOf)
        .toList();
  }

  private static List<Long> withDescendants(List<Long> pids) {
    return pids.stream()
        .map(pid -> ProcessHandle.of(pid).orElseThrow())
        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
        .map(ProcessHandle::pid)
        .toList();
  }
}
