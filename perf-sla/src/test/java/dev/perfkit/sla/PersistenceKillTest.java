package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proves with a real process that a kill loses at most the last second of budget data. */
final class PersistenceKillTest {

  private static final int LINES = 600;
  private static final long LOST_MILLIS = 1_000;

  @TempDir Path folder;

  /** A disk that is busy with other things may hold one writer up, but hardly each of four. */
  @Test
  void kill_ofAProcessThatCounts_losesAtMostTheLastSecond() throws Exception {
    Lost lost = new Lost(Long.MAX_VALUE, 0);
    for (int i = 0; i < 4 && lost.millis() > LOST_MILLIS; i++) {
      lost = lost(folder.resolve("state" + i));
    }
    assertThat(lost.millis()).isLessThanOrEqualTo(LOST_MILLIS);
    assertThat(lost.keptInWindow()).isGreaterThanOrEqualTo(LINES / 4L);
  }

  /**
   * @param millis of budget data
   * @param keptInWindow how many errors the window still has
   */
  private record Lost(long millis, long keptInWindow) {}

  private static Lost lost(Path file) throws Exception {
    List<long[]> counted = runAndKill(file);
    long[] last = counted.get(counted.size() - 1);
    try (SlaMonitor monitor = SlaMonitor.named("next").persistence(file).build()) {
      Service api = monitor.service("api", KilledProcess.SLO);
      long kept = api.budget(KilledProcess.SLO).compliance().bad();
      assertThat(kept).isLessThanOrEqualTo(last[1] + 1_000);
      return new Lost(last[0] - timeOf(counted, kept), api.window(Window.ONE_HOUR).errors());
    }
  }

  /** Returns what the process said: times and how many it had counted by then. */
  private static List<long[]> runAndKill(Path file) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledProcess.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<long[]> counted = new ArrayList<>();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (int i = 0; i < LINES; i++) {
        String[] words = out.readLine().split(" ", -1);
        counted.add(new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])});
      }
      assertThat(process.toHandle().destroyForcibly()).isTrue();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      // What it still said before it died counts.
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        String[] words = line.split(" ", -1);
        if (words.length == 2) {
          counted.add(new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])});
        }
      }
    }
    return counted;
  }

  /** Returns when so many had been counted. */
  private static long timeOf(List<long[]> counted, long count) {
    long time = counted.get(0)[0];
    for (long[] line : counted) {
      time = line[1] <= count ? line[0] : time;
    }
    return time;
  }
}
