package dev.perfkit.crypto;

import org.jspecify.annotations.Nullable;

/** The types of a record's values. Codes are written into ciphertexts: never change one. */
enum FieldType {
  TEXT(1, -1),
  NUMBER(2, Long.BYTES),
  UUID(3, 2 * Long.BYTES),
  BYTES(4, -1),
  FLAG(5, 1),
  REAL(6, Long.BYTES),
  DECIMAL(7, -1),
  INSTANT(8, Long.BYTES + Integer.BYTES),
  DATE(9, Long.BYTES);

  private static final FieldType[] ALL = values();

  private final byte code;
  private final int size;

  FieldType(int code, int size) {
    this.code = (byte) code;
    this.size = size;
  }

  byte code() {
    return code;
  }

  boolean allows(int length) {
    return size < 0 || size == length;
  }

  static @Nullable FieldType of(byte code) {
    return code < 1 || code > ALL.length ? null : ALL[code - 1];
  }
}
