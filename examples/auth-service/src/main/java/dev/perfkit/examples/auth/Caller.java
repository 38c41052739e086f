package dev.perfkit.examples.auth;

import java.time.Duration;
import java.time.Instant;

/**
 * A token that was found good.
 *
 * @param userId whose it is
 * @param expiresAt when it ends, in milliseconds since 1970
 */
record Caller(long userId, long expiresAt) {

  static Caller of(Tokens.Verified verified) {
    return new Caller(verified.userId(), verified.expiresAt().toEpochMilli());
  }

  /** Returns how long it is good from now on; not positive if it ended. */
  Duration remaining() {
    return Duration.between(Instant.now(), Instant.ofEpochMilli(expiresAt));
  }
}
