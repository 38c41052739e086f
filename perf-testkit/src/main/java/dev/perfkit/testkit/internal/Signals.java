package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Stops and continues processes, which the JDK cannot. */
final class Signals {

  private static final Path PROC = Path.of("/proc");
  private static final int TOOL_SECONDS = 10;

  private Signals() {}

  /** Sends a signal; that a process is gone meanwhile is fine. */
  static void send(String signal, Collection<ProcessHandle> to) {
    if (to.isEmpty()) {
      return;
    }
    Platform.requireSupported();
    String command = "for p in \"$@\"; do kill -" + signal + " \"$p\" 2>/dev/null; done";
    List<String> line = new ArrayList<>(List.of("sh", "-c", command, "sh"));
    to.forEach(process -> line.add(Long.toString(process.pid())));
    outputOf(line);
  }

  /** Returns whether the process is stopped, so that it does nothing until it is continued. */
  static boolean isStopped(ProcessHandle process) {
    return state(process.pid()).startsWith("T");
  }

  private static String state(long pid) {
    if (!Files.exists(PROC.resolve("self/stat"))) {
      return outputOf(List.of("ps", "-o", "stat=", "-p", Long.toString(pid))).strip();
    }
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"));
      return stat.substring(stat.lastIndexOf(')') + 1).strip();
    } catch (IOException gone) {
      return "";
    }
  }

  private static String outputOf(List<String> command) {
    try {
      Process tool =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (!tool.waitFor(TOOL_SECONDS, TimeUnit.SECONDS)) {
        tool.destroyForcibly();
      }
      return output;
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot run " + command.get(0), failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
