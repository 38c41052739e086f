package dev.perfkit.examples.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

/** Proves that the program runs, without Redis and with one that is not there. */
class QuickstartTest {

  private static String run(String... args) throws InterruptedException {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, UTF_8));
    try {
      Quickstart.main(args);
    } finally {
      System.setOut(before);
    }
    return out.toString(UTF_8);
  }

  @Test
  void main_withoutRedis_readsOnceFromTheSourceAndOnceFromMemory() throws InterruptedException {
    assertThat(run())
        .contains("read 1: User[id=42, name=Ada]", "read 2: User[id=42, name=Ada]")
        .contains("hit rate 0.5, UP");
  }

  @Test
  void main_redisAway_readsTheSame() throws InterruptedException {
    assertThat(run("redis://127.0.0.1:1"))
        .contains("read 2: User[id=42, name=Ada]", "hit rate 0.5");
  }
}
