package dev.perfkit.examples.auth;

import java.time.Instant;

/**
 * A token that was found good.
 *
 * @param userId whose it is
 * @param expiresAtMillis when it ends, since 1970
 */
record Caller(long userId, long expiresAtMillis) {

  static Caller of(Tokens.Verified verified) {
    return new Caller(verified.userId(), verified.expiresAt().toEpochMilli());
  }

  Instant expiresAt() {
    return Instant.ofEpochMilli(expiresAtMillis);
  }
}
