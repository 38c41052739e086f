package dev.perfkit.sla;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes numbers, texts and sections of a state file to a growing array. For one thread. */
final class StateWriter {

  private static final int LONGEST_NUMBER = 10;

  private byte[] buffer = new byte[512];
  private int length;

  int length() {
    return length;
  }

  /** Writes one byte. */
  StateWriter octet(int value) {
    ensure(1);
    buffer[length++] = (byte) value;
    return this;
  }

  /** Writes 4 bytes, the highest first. */
  StateWriter fixed32(int value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      octet(value >>> shift);
    }
    return this;
  }

  /** Writes 8 bytes, the highest first. */
  StateWriter fixed64(long value) {
    return fixed32((int) (value >>> 32)).fixed32((int) value);
  }

  /** Writes a number as unsigned LEB128. */
  StateWriter number(long value) {
    ensure(LONGEST_NUMBER);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      buffer[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[length++] = (byte) rest;
    return this;
  }

  /** Writes a length and so many bytes. */
  StateWriter bytes(byte[] bytes) {
    return number(bytes.length).raw(bytes);
  }

  /** Writes bytes alone. */
  StateWriter raw(byte[] bytes) {
    ensure(bytes.length);
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
    return this;
  }

  /** Writes a text as the length and bytes of its UTF-8 form. */
  StateWriter text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a section: its tag, its length, its content. */
  StateWriter section(int tag, StateWriter content) {
    number(tag).number(content.length);
    ensure(content.length);
    System.arraycopy(content.buffer, 0, buffer, length, content.length);
    length += content.length;
    return this;
  }

  byte[] toBytes() {
    return Arrays.copyOf(buffer, length);
  }

  private void ensure(int more) {
    if (buffer.length - length < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
    }
  }
}
