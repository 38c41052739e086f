package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.auth0.jwt.exceptions.JWTVerificationException;
import org.junit.jupiter.api.Test;

/** Only tokens of this process's own key are believed; only the right password is. */
class TokensTest {

  private final Tokens tokens = Tokens.withNewKey();

  @Test
  void verify_ownToken_saysWhoseItIs() {
    assertThat(tokens.verify(tokens.issue(42)).userId()).isEqualTo(42);
  }

  @Test
  void verify_foreignOrChangedToken_isRefused() {
    String token = tokens.issue(42);
    assertThatThrownBy(() -> Tokens.withNewKey().verify(token))
        .isInstanceOf(JWTVerificationException.class);
    assertThatThrownBy(() -> tokens.verify(token.substring(0, token.length() - 8) + "AAAAAAAA"))
        .isInstanceOf(JWTVerificationException.class);
    assertThatThrownBy(() -> tokens.verify("no token"))
        .isInstanceOf(JWTVerificationException.class);
  }

  @Test
  void matches_password_onlyTheRightOneAndNeverWithoutHash() {
    String hash = Passwords.hash("correct".toCharArray());
    assertThat(Passwords.matches("correct".toCharArray(), hash)).isTrue();
    assertThat(Passwords.matches("Correct".toCharArray(), hash)).isFalse();
    assertThat(Passwords.matches("nobody".toCharArray(), null)).isFalse();
  }
}
