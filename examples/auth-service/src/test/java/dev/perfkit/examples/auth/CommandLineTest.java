package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The options: what each one does, and what is said of a wrong one. */
class CommandLineTest {

  @Test
  void parse_nothing_givesDefaults() {
    assertThat(CommandLine.parse())
        .isEqualTo(
            new CommandLine(8080, Duration.ofSeconds(8), Duration.ofSeconds(15), 0, false, 20_000));
  }

  @Test
  void parse_everyOption_isTaken() {
    assertThat(
            CommandLine.parse(
                "--port 0 --warm-up 2 --duration 3 --rate 50 --users 200 --exit".split(" ")))
        .isEqualTo(new CommandLine(0, Duration.ofSeconds(2), Duration.ofSeconds(3), 50, true, 200));
  }

  @Test
  void parse_badValue_namesOptionRuleAndValue() {
    assertThatThrownBy(() -> CommandLine.parse("--port", "70000"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--port must be a number from 0 to 65535 but was 70000");
    assertThatThrownBy(() -> CommandLine.parse("--duration", "soon"))
        .hasMessageContaining("--duration")
        .hasMessageContaining("soon");
    assertThatThrownBy(() -> CommandLine.parse("--rate")).hasMessageContaining("missing");
  }

  @Test
  void parse_unknownOption_isNamed() {
    assertThatThrownBy(() -> CommandLine.parse("--fast")).hasMessageContaining("--fast");
  }
}
