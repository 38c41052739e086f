package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a user runs it: in a JVM of its own, from its command line. */
@SuppressWarnings("NullAway.Init") // set by JUnit, and by run()
class ProgramIT {

  private static final Pattern SERVING = Pattern.compile("Serving on (\\S+)");

  @TempDir Path folder;
  private Process program;

  @AfterEach
  void stop() {
    if (program != null) {
      program.destroyForcibly();
    }
  }

  @Test
  void program_withExit_printsTheTableAndEnds() throws Exception {
    run("--port 0 --warm-up 1 --duration 2 --rate 200 --users 500 --exit".split(" "));
    assertThat(program.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(program.exitValue()).as(output()).isZero();
    assertThat(output())
        .contains("modules off", "achieved requests/s", "p99 ms", "cache hit rate")
        .contains("What each module did")
        .doesNotContain("Serving on");
  }

  @Test
  void program_interrupted_stopsWithinFiveSecondsAndLeavesNoProcess() throws Exception {
    run("--port 0 --warm-up 1 --duration 1 --rate 50 --users 200".split(" "));
    String base = awaitServing();
    assertThat(new String(bytes(base + "/status"), StandardCharsets.UTF_8)).contains("components");
    assertThat(new String(bytes(base + "/metrics"), StandardCharsets.UTF_8)).contains("# TYPE");
    List<ProcessHandle> children = program.descendants().toList();
    assertThat(children).isNotEmpty();

    // Ends it as Ctrl-C does, which a pipeline may have told its children to ignore.
    long start = System.nanoTime();
    program.destroy();
    assertThat(program.waitFor(5, TimeUnit.SECONDS)).as(output()).isTrue();
    System.out.printf(
        "interrupted: ended after %d ms%n",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void program_portTaken_saysHowToChooseAnother() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      run("--port", Integer.toString(taken.getLocalPort()));
      assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(program.exitValue()).isEqualTo(2);
      assertThat(output())
          .contains("port " + taken.getLocalPort() + " is taken")
          .contains("--port N");
    }
  }

  @Test
  void program_wrongOption_saysWhichAndShowsUsage() throws Exception {
    run("--fast");
    assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(program.exitValue()).isEqualTo(2);
    assertThat(output()).contains("there is no option --fast").contains("Usage:");
  }

  private void run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(AuthService.class.getName());
    command.addAll(List.of(arguments));
    program =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
  }

  private String awaitServing() {
    return await()
        .atMost(Duration.ofMinutes(5))
        .until(
            () -> {
              assertThat(program.isAlive()).as(output()).isTrue();
              Matcher serving = SERVING.matcher(output());
              return serving.find() ? serving.group(1) : "";
            },
            address -> !address.isEmpty());
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  private static byte[] bytes(String address) throws IOException {
    try (var in = URI.create(address).toURL().openStream()) {
      return in.readAllBytes();
    }
  }
}
