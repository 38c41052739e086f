package dev.perfkit.crypto.cluster;

import dev.perfkit.spi.support.Options;
import java.time.Duration;

/** The checks that every store makes. */
final class Limits {

  private Limits() {}

  static void name(String property, String name) {
    Options.notBlank(property, name);
    atMost(property, "characters", Coordination.MAX_NAME_LENGTH, name.length());
  }

  static void value(long expectedVersion, byte[] value) {
    Options.atLeast("expectedVersion", 0, expectedVersion);
    atMost("value", "bytes", Coordination.MAX_VALUE_BYTES, value.length);
  }

  static void note(String note, Duration lease) {
    atMost("note", "characters", Coordination.MAX_NOTE_LENGTH, note.length());
    Options.positive("lease", lease);
  }

  private static void atMost(String property, String unit, int max, int length) {
    Options.require(length <= max, property, "have at most " + max + " " + unit, length);
  }
}
