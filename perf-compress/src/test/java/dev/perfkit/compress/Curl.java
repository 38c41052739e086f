package dev.perfkit.compress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The curl of this machine, if there is one. */
final class Curl {

  private Curl() {}

  static boolean knows(String coding) throws InterruptedException {
    String feature = coding.equals("br") ? "brotli" : coding.equals("zstd") ? "zstd" : "libz";
    try {
      String version = new String(run("--version"), StandardCharsets.UTF_8);
      return version.toLowerCase(Locale.ROOT).contains(" " + feature);
    } catch (IOException absent) {
      return false;
    }
  }

  static byte[] run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("curl"));
    command.addAll(Arrays.asList(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    byte[] output = process.getInputStream().readAllBytes();
    if (process.waitFor() != 0) {
      throw new IOException("curl ended with " + process.exitValue());
    }
    return output;
  }
}
