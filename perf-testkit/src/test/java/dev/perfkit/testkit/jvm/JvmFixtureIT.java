package dev.perfkit.testkit.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.perfkit.testkit.internal.Leftovers;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves that programs run in JVMs of their own, answer what they are asked, can be killed and
 * frozen one by one, and leave nothing behind.
 */
@Timeout(180)
class JvmFixtureIT {

  private final JvmFixture jvms = JvmFixture.create();

  @AfterEach
  void close() {
    jvms.close();
  }

  @Test
  void readme() {
    // region: jvms
    try (JvmFixture fixture = JvmFixture.create()) {
      Jvm one = fixture.start(Calculator.class, "40");
      Jvm two = fixture.start(Calculator.class, "0");
      assertThat(one.ask("2")).isEqualTo("42");

      one.kill(); // or freeze() and thaw(): a pause of the whole process
      assertThat(two.ask("7")).isEqualTo("7");
      one.restart();
      assertThat(one.ask("1")).isEqualTo("41");
    }
    // endregion: jvms
  }

  @Test
  void ask_programFails_saysHowAndItGoesOn() {
    Jvm jvm = jvms.start(Calculator.class, "1");
    assertThatIllegalStateException()
        .isThrownBy(() -> jvm.ask("nonsense"))
        .withMessageContaining("'nonsense' failed in JVM " + jvm.pid())
        .withMessageContaining("NumberFormatException");
    assertThat(jvm.ask("1")).isEqualTo("2");
    assertThat(jvm.report()).contains("I begin with 1").contains("NumberFormatException");
  }

  @Test
  void ask_tooSlow_givesUpAndThrowsTheLateAnswerAway() {
    Jvm jvm = jvms.start(Calculator.class, "1");
    assertThatIllegalStateException()
        .isThrownBy(() -> jvm.ask("think", Duration.ofMillis(50)))
        .withMessageContaining("did not answer 'think'");
    assertThat(jvm.ask("1")).isEqualTo("2");
  }

  @Test
  void freeze_oneOfTwo_stopsItAloneUntilThawed() {
    Jvm one = jvms.start(Calculator.class, "0");
    Jvm two = jvms.start(Calculator.class, "0");
    one.freeze();
    assertThat(one.isRunning()).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> one.ask("1", Duration.ofMillis(200)));
    assertThat(two.ask("1")).isEqualTo("1");
    one.thaw();
    assertThat(one.ask("1")).as("what was asked meanwhile was heard").isEqualTo("2");
  }

  @Test
  void kill_thenRestart_isAnotherProcess() {
    Jvm jvm = jvms.start(Calculator.class, "5");
    long pid = jvm.pid();
    jvm.kill();
    jvm.kill();
    assertThat(jvm.isRunning()).isFalse();
    assertThat(Leftovers.isGone(pid)).isTrue();
    assertThatIllegalStateException()
        .isThrownBy(() -> jvm.ask("1"))
        .withMessage("JVM " + pid + " was killed");
    jvm.restart();
    assertThat(jvm.pid()).isNotEqualTo(pid);
    assertThat(jvm.ask("0")).isEqualTo("5");
  }

  @Test
  void nanoTime_ofTwoJvms_isOneClock() {
    Jvm one = jvms.start(Calculator.class, "0");
    Jvm two = jvms.start(Calculator.class, "0");
    long before = System.nanoTime();
    long first = Long.parseLong(one.ask("time"));
    long second = Long.parseLong(two.ask("time"));
    long after = System.nanoTime();
    assertThat(first).isBetween(before, after);
    assertThat(second).isBetween(first, after);
  }

  @Test
  void start_programRefuses_failsWithItsReason() throws IOException {
    assertThatIllegalStateException()
        .isThrownBy(() -> jvms.start(Calculator.class, "no number"))
        .withMessageContaining("'start' failed")
        .withMessageContaining("no number");
    assertThat(Leftovers.fixturesOfThisJvm()).isEmpty();
  }

  @Test
  void start_jvmEnds_isNoticedAtOnce() {
    try (JvmFixture wrong = JvmFixture.builder().options("-XX:NoSuchOption").build()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> wrong.start(Calculator.class, "1"))
          .withMessageContaining("ended with exit code 1")
          .withMessageContaining("NoSuchOption");
    }
  }

  @Test
  void startTimeout_tooShort_saysSoAndLeavesNothing() throws IOException {
    try (JvmFixture hasty =
        JvmFixture.builder().startTimeout(Duration.ofMillis(1)).options("-Xmx64m").build()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> hasty.start(Calculator.class, "1"))
          .withMessageContaining("did not start (startTimeout is PT0.001S)");
    }
    assertThat(Leftovers.fixturesOfThisJvm()).isEmpty();
  }

  @Test
  void close_frozenKilledAndRunning_leavesNothing() throws IOException {
    Jvm frozen = jvms.start(Calculator.class, "0");
    Jvm killed = jvms.start(Calculator.class, "0");
    Jvm running = jvms.start(Calculator.class, "0");
    frozen.freeze();
    killed.kill();
    jvms.close();
    jvms.close();
    assertThat(Leftovers.isGone(frozen.pid())).isTrue();
    assertThat(Leftovers.isGone(running.pid())).isTrue();
    assertThat(Leftovers.fixturesOfThisJvm()).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> jvms.start(Calculator.class, "0"))
        .withMessageContaining("the fixture is closed");
  }
}
