package dev.perfkit.testkit.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that a recorded process is ended together with its children, and that a process which only
 * looks like a recorded one, or only works in the same folder, is not.
 */
@Timeout(60)
class ProcessSetTest {

  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final Path SLEEP = Path.of("/bin/sleep");

  private final List<Process> started = new ArrayList<>();
  private Path folder;

  @BeforeEach
  void begin(@TempDir Path temporary) {
    folder = temporary;
  }

  @AfterEach
  void end() {
    for (Process process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void kill_recordedProcess_endsItWithItsChildren() throws IOException {
    Process process = run(Path.of("/"), "sh", "-c", "sleep 600 & sleep 600; wait");
    Waiting.until(BOUND, () -> process.descendants().count() == 2);
    List<ProcessHandle> children = process.descendants().toList();
    assertThat(setOf(ProcessIdentity.of(process.toHandle())).kill(BOUND)).isTrue();
    assertThat(children).hasSize(2).allMatch(ProcessSet::isGone);
    assertThat(ProcessSet.isGone(process.toHandle())).isTrue();
  }

  @Test
  void kill_idGivenToAnotherProcess_leavesThatOneAlone() throws IOException {
    Process process = run(Path.of("/"), "sleep", "600");
    ProcessIdentity now = ProcessIdentity.of(process.toHandle());
    ProcessIdentity before = new ProcessIdentity(now.pid(), now.startMillis() - 10);
    assertThat(setOf(before).kill(BOUND)).as("nothing to do").isTrue();
    assertThat(process.isAlive()).isTrue();
    assertThat(now.live()).isPresent();
    assertThat(before.live()).isEmpty();
  }

  @Test
  void kill_processWithoutKnownStart_leavesItAlone() throws IOException {
    Process process = run(Path.of("/"), "sleep", "600");
    setOf(new ProcessIdentity(process.pid(), -1)).kill(BOUND);
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void kill_otherProgramInTheFolder_leavesItAlone() throws IOException {
    Process process = run(folder, "sh", "-c", "read line");
    new ProcessSet(folder, copyOfSleep(), List.of()).kill(BOUND);
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void kill_programElsewhere_leavesItAlone() throws IOException {
    Path program = copyOfSleep();
    Process process = run(Path.of("/"), program.toString(), "600");
    new ProcessSet(folder, program, List.of()).kill(BOUND);
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux tells the folder of a process")
  void kill_unrecordedProgramInTheFolder_endsIt() throws Exception {
    Path program = copyOfSleep();
    Process process = run(Files.createDirectory(folder.resolve("data")), program.toString(), "600");
    ProcessSet set = new ProcessSet(folder, program, List.of());
    assertThat(set.alive()).containsExactly(process.toHandle());
    assertThat(set.kill(BOUND)).isTrue();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  private ProcessSet setOf(ProcessIdentity identity) {
    return new ProcessSet(folder, folder.resolve("no-such-program"), List.of(identity));
  }

  private Path copyOfSleep() throws IOException {
    Path copy = folder.resolve("server");
    return Files.copy(SLEEP.toRealPath(), copy, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private Process run(Path in, String... command) throws IOException {
    Process process = new ProcessBuilder(command).directory(in.toFile()).start();
    started.add(process);
    return process;
  }
}
