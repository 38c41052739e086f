package dev.perfkit.sla;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what a {@link StateWriter} wrote; whatever is not of its form is damage. For one thread.
 */
final class StateReader {

  private static final int MOST_BITS = 63;

  private final byte[] data;
  private final int end;
  private int at;

  StateReader(byte[] data) {
    this(data, 0, data.length);
  }

  private StateReader(byte[] data, int from, int to) {
    this.data = data;
    this.at = from;
    this.end = to;
  }

  boolean hasMore() {
    return at < end;
  }

  int octet() throws StateDamage {
    StateDamage.require(at < end, "ends too early");
    return data[at++] & 0xFF;
  }

  long fixed64() throws StateDamage {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | octet();
    }
    return value;
  }

  /** Reads any 64 bits. */
  long bits() throws StateDamage {
    long value = 0;
    for (int shift = 0; shift <= MOST_BITS; shift += 7) {
      int next = octet();
      value |= (next & 0x7FL) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new StateDamage("a number is too long");
  }

  /** Reads a number of 0 to a maximum. */
  long number(long most) throws StateDamage {
    long value = bits();
    StateDamage.require(value >= 0 && value <= most, "a number is out of range");
    return value;
  }

  /** Reads how many bytes come, then gives them. */
  byte[] bytes() throws StateDamage {
    int length = (int) number(end - at);
    at += length;
    return Arrays.copyOfRange(data, at - length, at);
  }

  /** Gives all bytes that are left. */
  byte[] rest() {
    byte[] rest = Arrays.copyOfRange(data, at, end);
    at = end;
    return rest;
  }

  String text() throws StateDamage {
    byte[] bytes = bytes();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException malformed) {
      throw new StateDamage("a text is not UTF-8");
    }
  }

  /** Reads how many bytes come, then gives a reader of them. */
  StateReader part() throws StateDamage {
    int length = (int) number(end - at);
    at += length;
    return new StateReader(data, at - length, at);
  }
}
