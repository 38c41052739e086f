package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.UUID;

/**
 * Where a ciphertext belongs: tenant, table, column, purpose and row. It is authenticated with the
 * ciphertext, so that one moved to another place does not decrypt; it is not stored, so the reader
 * must know it.
 *
 * <pre>{@code
 * static final CipherContext EMAIL = CipherContext.ofTable("users").column("email");
 *
 * cipher.encrypt(email, EMAIL.row(userId));
 * }</pre>
 *
 * <p>A row id must exist before the first encryption: fetch it from the sequence, or use a UUID.
 * Not protected: an older ciphertext of the very same place is as good as the newest one.
 *
 * <p>Immutable; each method returns another context. A context is never empty: it begins with a
 * table or a purpose. All parts together, encoded, have at most {@value #MAX_BYTES} bytes.
 */
@Beta
public final class CipherContext {

  /** The most bytes of {@link #toAssociatedData()}. */
  public static final int MAX_BYTES = 4096;

  /** The most bytes of the context of {@link FieldCipher#transform()}. */
  static final int MAX_LOCATION_BYTES = MAX_BYTES - 8;

  private static final byte VERSION = 1;
  private static final int MAX_PARTS = 255;

  private static final byte TENANT = 1;
  private static final byte TABLE = 2;
  private static final byte COLUMN = 3;
  private static final byte PURPOSE = 4;
  private static final byte ROW = 8;
  private static final byte LOCATION = 9;
  private static final byte FORM = 10;

  private static final byte UTF8 = 1;
  private static final byte INT64 = 2;
  private static final byte UUID_BYTES = 3;
  private static final byte BYTES = 4;

  private static final int HEADER = 2;
  private static final int PART_HEADER = 6;

  private static final CipherContext EMPTY = new CipherContext(new byte[] {VERSION, 0});

  private final byte[] encoded;

  private CipherContext(byte[] encoded) {
    this.encoded = encoded;
  }

  /**
   * Returns the context of a whole table, to be narrowed by {@link #column} and {@link #row}.
   *
   * @throws IllegalArgumentException if the name is empty, not well-formed or too long
   */
  public static CipherContext ofTable(String table) {
    return EMPTY.plusName(TABLE, "table", table);
  }

  /**
   * Returns the context of something that lives in no table, such as a session token.
   *
   * @throws IllegalArgumentException if the purpose is empty, not well-formed or too long
   */
  public static CipherContext ofPurpose(String purpose) {
    return EMPTY.plusName(PURPOSE, "purpose", purpose);
  }

  /** Returns the context of bytes that a host names by bytes; they may be empty. */
  static CipherContext ofLocation(byte[] location) {
    return EMPTY.plus(LOCATION, BYTES, "location", location);
  }

  /**
   * Returns this context with a tenant.
   *
   * @throws IllegalArgumentException if there is a tenant, or the name is empty, not well-formed or
   *     too long
   */
  public CipherContext tenant(String tenant) {
    return plusName(TENANT, "tenant", tenant);
  }

  /**
   * Returns this context with a column.
   *
   * @throws IllegalArgumentException if there is a column, or the name is empty, not well-formed or
   *     too long
   */
  public CipherContext column(String column) {
    return plusName(COLUMN, "column", column);
  }

  /**
   * Returns this context with a purpose.
   *
   * @throws IllegalArgumentException if there is a purpose, or it is empty, not well-formed or too
   *     long
   */
  public CipherContext purpose(String purpose) {
    return plusName(PURPOSE, "purpose", purpose);
  }

  /**
   * Returns this context with a row id. Calling it again adds the next part of a composite key; the
   * order matters. The types are kept apart: row {@code "42"} is not row {@code 42}.
   *
   * @throws IllegalArgumentException if the id is empty, not well-formed or too long
   */
  public CipherContext row(String id) {
    byte[] utf8 = Text.utf8("row", id);
    Options.require(utf8.length > 0, "row", "not be empty", "''");
    return plus(ROW, UTF8, "row", utf8);
  }

  /** As {@link #row(String)}, for a number. */
  public CipherContext row(long id) {
    return plus(ROW, INT64, "row", ByteBuffer.allocate(Long.BYTES).putLong(id).array());
  }

  /** As {@link #row(String)}, for a UUID. */
  public CipherContext row(UUID id) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
    bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    return plus(ROW, UUID_BYTES, "row", bytes.array());
  }

  /** As {@link #row(String)}, for bytes. */
  public CipherContext row(byte[] id) {
    Objects.requireNonNull(id, "row");
    Options.require(id.length > 0, "row", "not be empty", "0 bytes");
    return plus(ROW, BYTES, "row", id);
  }

  /**
   * Returns this context for a value that is not a plain field, so that none passes for another.
   */
  CipherContext inForm(String form) {
    byte[] part = form.getBytes(StandardCharsets.US_ASCII);
    int length = encoded.length + PART_HEADER + part.length;
    Options.require(length <= MAX_BYTES, "encoded context", "be at most 4096 bytes", length);
    int count = Byte.toUnsignedInt(encoded[1]) + 1;
    Options.require(count <= MAX_PARTS, "context", "have at most 255 parts", count);
    // The form has the highest role, so it is the last part.
    byte[] more = Arrays.copyOf(encoded, length);
    more[1] = (byte) count;
    int at = encoded.length;
    more[at] = FORM;
    more[at + 1] = UTF8;
    KeyIds.write(part.length, more, at + 2);
    System.arraycopy(part, 0, more, at + PART_HEADER, part.length);
    return new CipherContext(more);
  }

  /** Returns whether there is a table and a column, and nothing else but perhaps a tenant. */
  boolean isColumn() {
    boolean table = false;
    boolean column = false;
    for (int at = HEADER; at < encoded.length; at = next(at)) {
      table |= encoded[at] == TABLE;
      column |= encoded[at] == COLUMN;
      if (encoded[at] > COLUMN) {
        return false;
      }
    }
    return table && column;
  }

  /** Returns the table and the column of this context, without the rest. */
  CipherContext tableAndColumn() {
    CipherContext both = EMPTY;
    for (int at = HEADER; at < encoded.length; at = next(at)) {
      if (encoded[at] == TABLE || encoded[at] == COLUMN) {
        both = both.plus(encoded[at], UTF8, "part", valueAt(at));
      }
    }
    return both;
  }

  /** Returns the names of the table and the column, which are the host's words and no secret. */
  String columnName() {
    StringJoiner names = new StringJoiner(".");
    for (int at = HEADER; at < encoded.length; at = next(at)) {
      if (encoded[at] == TABLE || encoded[at] == COLUMN) {
        names.add(new String(valueAt(at), StandardCharsets.UTF_8));
      }
    }
    return names.toString();
  }

  private byte[] valueAt(int at) {
    return Arrays.copyOfRange(encoded, at + PART_HEADER, next(at));
  }

  /**
   * Returns the encoded form, which is the associated data of the encryption; with it, Tink's own
   * {@code Aead} reads and writes the same ciphertexts. The encoding is injective: two different
   * contexts never have the same bytes. {@code docs/formats.md} describes each byte.
   *
   * @return a new array
   */
  public byte[] toAssociatedData() {
    return encoded.clone();
  }

  /** Returns the encoded form itself, for those who do not change it. */
  byte[] encoded() {
    return encoded;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CipherContext that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  /** Returns which parts there are; their values are the user's data and stay out of logs. */
  @Override
  public String toString() {
    StringJoiner parts = new StringJoiner(", ", "CipherContext[", "]");
    for (int at = HEADER; at < encoded.length; at = next(at)) {
      parts.add(word(encoded[at]));
    }
    return parts.toString();
  }

  private CipherContext plusName(byte role, String word, String name) {
    byte[] utf8 = Text.utf8(word, name);
    Options.require(utf8.length > 0, word, "not be empty", "''");
    return plus(role, UTF8, word, utf8);
  }

  /** Returns this context with a part put where the ascending order of roles wants it. */
  private CipherContext plus(byte role, byte type, String word, byte[] value) {
    int at = HEADER;
    while (at < encoded.length && encoded[at] <= role) {
      Options.require(role == ROW || encoded[at] != role, word, "be given once", "given again");
      at = next(at);
    }
    long length = (long) encoded.length + PART_HEADER + value.length;
    Options.require(length <= MAX_BYTES, "encoded context", "be at most 4096 bytes", length);
    int count = Byte.toUnsignedInt(encoded[1]) + 1;
    Options.require(count <= MAX_PARTS, "context", "have at most 255 parts", count);
    ByteBuffer more = ByteBuffer.allocate((int) length);
    more.put(VERSION).put((byte) count).put(encoded, HEADER, at - HEADER);
    more.put(role).put(type).putInt(value.length).put(value);
    more.put(encoded, at, encoded.length - at);
    return new CipherContext(more.array());
  }

  private int next(int at) {
    return at + PART_HEADER + ByteBuffer.wrap(encoded).getInt(at + 2);
  }

  private static String word(byte role) {
    return switch (role) {
      case TENANT -> "tenant";
      case TABLE -> "table";
      case COLUMN -> "column";
      case PURPOSE -> "purpose";
      case ROW -> "row";
      case FORM -> "form";
      default -> "location";
    };
  }
}
