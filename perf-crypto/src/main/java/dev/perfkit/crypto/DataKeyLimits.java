package dev.perfkit.crypto;

import dev.perfkit.spi.support.Options;
import java.time.Duration;

/**
 * How much one data key may be used for.
 *
 * @param messages encrypted under it
 * @param bytes encrypted under it
 * @param ageNanos since it was created, or unwrapped
 */
record DataKeyLimits(long messages, long bytes, long ageNanos) {

  static final long MAX_MESSAGES = 100_000;
  static final long MAX_BYTES = 1L << 30;
  static final Duration MAX_AGE = Duration.ofHours(1);

  static final DataKeyLimits DEFAULT =
      new DataKeyLimits(MAX_MESSAGES, MAX_BYTES, MAX_AGE.toNanos());

  DataKeyLimits withMessages(long most) {
    Options.require(
        most >= 1 && most <= MAX_MESSAGES,
        "messagesPerDataKey",
        "be between 1 and " + MAX_MESSAGES,
        most);
    return new DataKeyLimits(most, bytes, ageNanos);
  }

  DataKeyLimits withBytes(long most) {
    Options.require(
        most >= 1 && most <= MAX_BYTES, "bytesPerDataKey", "be between 1 and " + MAX_BYTES, most);
    return new DataKeyLimits(messages, most, ageNanos);
  }

  DataKeyLimits withAge(Duration most) {
    Options.positive("dataKeyAge", most);
    Options.require(most.compareTo(MAX_AGE) <= 0, "dataKeyAge", "be at most " + MAX_AGE, most);
    return new DataKeyLimits(messages, bytes, most.toNanos());
  }
}
