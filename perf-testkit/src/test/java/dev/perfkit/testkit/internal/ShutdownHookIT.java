package dev.perfkit.testkit.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers wait for their owner's shutdown hook when they were told to. */
@Timeout(120)
class ShutdownHookIT {

  @Test
  void exit_afterTheHooksWereRemoved_leavesTheServersToTheOwnersHook() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("java.class.path"),
                ClosesServersInItsHook.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains("both were there");
      assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      jvm.destroyForcibly();
    }
  }
}
