package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves the text of session tokens: the bytes of version 1, that every position survives, that a
 * text is refused with a reason or is exactly what its token writes again.
 */
class SessionTokenTest {

  private static final Floor GOLDEN =
      new Floor(Long.parseUnsignedLong("7538160123456789012"), 3, 0x16_B374_D848L, 0);

  @Test
  void toString_version1_isTheGoldenText() {
    assertThat(SessionToken.of(GOLDEN)).hasToString("1.1l9rqqxorfpjo.3.18sh0nk8");
    assertThat(SessionToken.OF_NOTHING).hasToString("1.n");
    assertThat(SessionToken.OF_PRIMARY).hasToString("1.p");
  }

  @Test
  void parse_goldenText_isTheSamePosition() {
    SessionToken token = SessionToken.parse("1.1l9rqqxorfpjo.3.18sh0nk8");
    assertThat(token).isEqualTo(SessionToken.of(GOLDEN)).hasSameHashCodeAs(SessionToken.of(GOLDEN));
    assertThat(token.floor()).isEqualTo(GOLDEN);
    assertThat(SessionToken.parse("1.n")).isEqualTo(SessionToken.OF_NOTHING);
    assertThat(SessionToken.parse("1.p")).isEqualTo(SessionToken.OF_PRIMARY);
  }

  @Property
  void parse_ofToString_isTheSame(
      @ForAll long system,
      @ForAll @LongRange(min = 1, max = 0xFFFF_FFFFL) long timeline,
      @ForAll @LongRange(min = 0) long lsn) {
    Floor floor = new Floor(system, timeline, lsn, 0);
    String text = SessionToken.of(floor).toString();
    assertThat(text).hasSizeLessThanOrEqualTo(SessionToken.MAX_LENGTH).matches("[a-z0-9.]+");
    assertThat(SessionToken.parse(text).floor()).isEqualTo(floor);
  }

  @Property
  void parse_anyText_isRefusedOrWrittenAgainTheSame(@ForAll @StringLength(max = 45) String text) {
    try {
      assertThat(SessionToken.parse(text)).hasToString(text);
    } catch (InvalidTokenException refused) {
      assertThat(refused.reason()).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "1",
        "1.",
        "1.x",
        "n",
        "1.N",
        "1.a.1",
        "1.a.0.1",
        "1.a.1.1.1",
        "1.A.1.1",
        "1.a.1.01",
        "1.a.1.-1",
        "1.a.1.+1",
        "1..1.1",
        "1.a.1z141z4.1",
        "1.a.1.1y2p0ij32e8e8",
        "1.a b.1.1",
        "1.3w5e11264sgsg.1.1",
        "1.\u0661.1.1",
        "x.a.1.1",
        "1.1.1.1.................................."
      })
  void parse_malformed_saysSo(String text) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> SessionToken.parse(text))
        .withMessageStartingWith("session token ")
        .satisfies(
            refused ->
                assertThat(refused.reason()).isEqualTo(InvalidTokenException.Reason.MALFORMED));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.n", "10.a.b.c.d", "2.something-else"})
  void parse_laterVersion_saysSo(String text) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> SessionToken.parse(text))
        .satisfies(
            refused ->
                assertThat(refused.reason())
                    .isEqualTo(InvalidTokenException.Reason.UNKNOWN_VERSION));
  }
}
