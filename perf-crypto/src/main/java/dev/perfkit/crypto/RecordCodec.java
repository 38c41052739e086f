package dev.perfkit.crypto;

import dev.perfkit.spi.support.Options;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The bytes of a record: {@code 01}, number of fields (2 bytes), and for each its name (a length of
 * 1 byte and UTF-8), type (1 byte) and value (a length of 4 bytes and that many).
 */
final class RecordCodec {

  static final byte VERSION = 1;
  static final int HEADER = 3;

  /** What stands between the place of a type and its value. */
  static final int VALUE_HEADER = 1 + Integer.BYTES;

  private RecordCodec() {}

  /** The bytes are not those of a record. */
  static final class MalformedException extends Exception {

    private static final long serialVersionUID = 1;

    MalformedException() {
      super("malformed");
    }
  }

  /** Returns where the type of each field is, after a check of every byte. */
  static Map<String, Integer> index(byte[] encoded) throws MalformedException {
    require(encoded.length >= HEADER && encoded[0] == VERSION);
    int count = (encoded[1] & 0xFF) << 8 | (encoded[2] & 0xFF);
    require(count <= FieldRecord.MAX_FIELDS);
    Map<String, Integer> typeAt = new LinkedHashMap<>();
    int at = HEADER;
    for (int i = 0; i < count; i++) {
      require(at < encoded.length);
      int typeOf = at + 1 + (encoded[at] & 0xFF);
      require(typeOf > at + 1 && typeOf + VALUE_HEADER <= encoded.length);
      String name = text(encoded, at + 1, typeOf);
      require(typeAt.put(name, typeOf) == null);
      at = afterValue(encoded, typeOf);
    }
    require(at == encoded.length);
    return typeAt;
  }

  private static int afterValue(byte[] encoded, int typeAt) throws MalformedException {
    FieldType type = FieldType.of(encoded[typeAt]);
    int from = typeAt + VALUE_HEADER;
    int length = readInt(encoded, typeAt + 1);
    require(type != null && length >= 0 && length <= encoded.length - from);
    if (type != null) {
      require(type.allows(length) && isValid(type, encoded, from, length));
    }
    return from + length;
  }

  private static boolean isValid(FieldType type, byte[] encoded, int at, int length)
      throws MalformedException {
    switch (type) {
      case TEXT -> text(encoded, at, at + length);
      case FLAG -> {
        return encoded[at] == 0 || encoded[at] == 1;
      }
      case DECIMAL -> {
        return length > Integer.BYTES;
      }
      case INSTANT -> {
        int nanos = readInt(encoded, at + Long.BYTES);
        long seconds = readLong(encoded, at);
        return nanos >= 0
            && nanos < 1_000_000_000
            && seconds >= Instant.MIN.getEpochSecond()
            && seconds <= Instant.MAX.getEpochSecond();
      }
      case DATE -> {
        return isDate(readLong(encoded, at));
      }
      default -> {
        return true;
      }
    }
    return true;
  }

  private static boolean isDate(long epochDay) {
    return epochDay >= LocalDate.MIN.toEpochDay() && epochDay <= LocalDate.MAX.toEpochDay();
  }

  private static String text(byte[] encoded, int from, int to) throws MalformedException {
    byte[] copy = Arrays.copyOfRange(encoded, from, to);
    try {
      return Text.decode(copy);
    } catch (CharacterCodingException illFormed) {
      throw new MalformedException();
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  private static void require(boolean holds) throws MalformedException {
    if (!holds) {
      throw new MalformedException();
    }
  }

  /** Returns the UTF-8 of a value; the name is for the message of a refusal. */
  static byte[] text(String name, String value) {
    try {
      return Text.utf8("value", value);
    } catch (IllegalArgumentException illFormed) {
      throw new IllegalArgumentException("field '" + name + "': " + illFormed.getMessage());
    }
  }

  private static byte[] name(String name) {
    byte[] utf8 = Text.utf8("field name", name);
    Options.between("bytes of a field's name", 1, FieldRecord.MAX_NAME_BYTES, utf8.length);
    return utf8;
  }

  static byte[] longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES);
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.array();
  }

  static byte[] instant(long seconds, int nanos) {
    return ByteBuffer.allocate(Long.BYTES + Integer.BYTES).putLong(seconds).putInt(nanos).array();
  }

  static byte[] decimal(BigDecimal value) {
    byte[] unscaled = value.unscaledValue().toByteArray();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + unscaled.length);
    bytes.putInt(value.scale()).put(unscaled);
    Arrays.fill(unscaled, (byte) 0);
    return bytes.array();
  }

  static BigDecimal readDecimal(byte[] source, int at, int length) {
    BigInteger unscaled = new BigInteger(source, at + Integer.BYTES, length - Integer.BYTES);
    return new BigDecimal(unscaled, readInt(source, at));
  }

  static int readInt(byte[] source, int at) {
    return KeyIds.read(source, at);
  }

  static long readLong(byte[] source, int at) {
    return ((long) readInt(source, at) << 32) | (readInt(source, at + 4) & 0xFFFFFFFFL);
  }

  /** Bytes that grow, and are erased where they are left behind. */
  static final class Buffer {

    private static final int INITIAL_BYTES = 512;
    private static final int INITIAL_NAMES = 16;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length = HEADER;
    private String[] names = new String[INITIAL_NAMES];
    private int fields;

    int fields() {
      return fields;
    }

    void put(String name, FieldType type, byte[] value) {
      byte[] utf8 = name(name);
      requireNew(name);
      ensure(1L + utf8.length + VALUE_HEADER + value.length);
      bytes[length] = (byte) utf8.length;
      System.arraycopy(utf8, 0, bytes, length + 1, utf8.length);
      int typeAt = length + 1 + utf8.length;
      bytes[typeAt] = type.code();
      KeyIds.write(value.length, bytes, typeAt + 1);
      System.arraycopy(value, 0, bytes, typeAt + VALUE_HEADER, value.length);
      length = typeAt + VALUE_HEADER + value.length;
      names[fields++] = name;
    }

    /** Returns the record's bytes, and erases the buffer for the next one. */
    byte[] finish() {
      bytes[0] = VERSION;
      bytes[1] = (byte) (fields >>> 8);
      bytes[2] = (byte) fields;
      byte[] exact = Arrays.copyOf(bytes, length);
      Arrays.fill(bytes, 0, length, (byte) 0);
      length = HEADER;
      fields = 0;
      return exact;
    }

    /** A scan: records have few fields, and a set of them would cost as much as the encryption. */
    private void requireNew(String name) {
      int hash = name.hashCode();
      for (int i = 0; i < fields; i++) {
        if (names[i].hashCode() == hash && names[i].equals(name)) {
          Options.require(false, "field '" + name + "'", "be put once", "again");
        }
      }
      if (fields == FieldRecord.MAX_FIELDS) {
        Options.require(false, "record", "have at most 1000 fields", "more");
      }
      if (fields == names.length) {
        names = Arrays.copyOf(names, 2 * fields);
      }
    }

    private void ensure(long more) {
      long needed = length + more;
      if (needed > FieldCipher.MAX_PLAINTEXT_BYTES) {
        Options.require(false, "record", "fit an array", needed + " bytes");
      }
      if (needed > bytes.length) {
        byte[] old = bytes;
        long doubled = Math.min(FieldCipher.MAX_PLAINTEXT_BYTES, 2L * bytes.length);
        bytes = Arrays.copyOf(old, (int) Math.max(needed, doubled));
        Arrays.fill(old, 0, length, (byte) 0);
      }
    }
  }
}
