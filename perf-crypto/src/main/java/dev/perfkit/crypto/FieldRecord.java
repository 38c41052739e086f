package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Named and typed values that are encrypted as one: the secret fields of a row, in one ciphertext.
 * That is several times cheaper than a ciphertext for each, and nobody can put an older value
 * beside newer ones.
 *
 * <pre>{@code
 * FieldRecord person = FieldRecord.builder()
 *     .text("email", "ada@example.org")
 *     .date("born", LocalDate.of(1815, 12, 10))
 *     .build();
 * byte[] sealed = cipher.encryptRecord(person, PERSON.row(42));
 * String email = cipher.decryptRecord(sealed, PERSON.row(42)).text("email").orElseThrow();
 * }</pre>
 *
 * <p>A value that is null is not there: readers cannot tell it from a field that an older version
 * of the host did not know. Immutable, but for {@link #wipe}. {@code docs/formats.md} describes the
 * bytes.
 */
@Beta
public final class FieldRecord {

  /** The most fields of a record. */
  public static final int MAX_FIELDS = 1_000;

  /** The most bytes of a field's name in UTF-8. */
  public static final int MAX_NAME_BYTES = 255;

  private final byte[] encoded;
  private final int count;

  /** Where the type of each field is; made when a built record is first read. */
  private volatile @Nullable Map<String, Integer> typeAt;

  private FieldRecord(byte[] encoded, int count, @Nullable Map<String, Integer> typeAt) {
    this.encoded = encoded;
    this.count = count;
    this.typeAt = typeAt;
  }

  /** Begins a record without fields. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Takes over what {@link #encoded} gave.
   *
   * @throws RecordCodec.MalformedException if it is anything else
   */
  static FieldRecord parse(byte[] encoded) throws RecordCodec.MalformedException {
    Map<String, Integer> typeAt = RecordCodec.index(encoded);
    return new FieldRecord(encoded, typeAt.size(), typeAt);
  }

  /**
   * As {@link #parse(byte[])}, of what was decrypted.
   *
   * @throws DecryptException ({@code NOT_A_RECORD}) if it is not the bytes of a record
   */
  static FieldRecord parse(MessageCipher messages, byte[] plain) {
    try {
      return parse(plain);
    } catch (RecordCodec.MalformedException malformed) {
      Arrays.fill(plain, (byte) 0);
      throw messages.noted(
          new DecryptException(
              DecryptException.Reason.NOT_A_RECORD,
              messages.cannotDecrypt() + "the plaintext is not a record"));
    }
  }

  /** Returns the names of the fields in the order they were put. */
  public Set<String> names() {
    return Collections.unmodifiableSet(index().keySet());
  }

  /**
   * Returns a text.
   *
   * @throws IllegalArgumentException if the field has another type, here and below
   */
  public Optional<String> text(String name) {
    return value(name, FieldType.TEXT)
        .map(at -> new String(encoded, at, length(at), StandardCharsets.UTF_8));
  }

  /** Returns a number. */
  public Optional<Long> number(String name) {
    return value(name, FieldType.NUMBER).map(at -> RecordCodec.readLong(encoded, at));
  }

  /** Returns a UUID. */
  public Optional<UUID> uuid(String name) {
    return value(name, FieldType.UUID)
        .map(
            at ->
                new UUID(
                    RecordCodec.readLong(encoded, at),
                    RecordCodec.readLong(encoded, at + Long.BYTES)));
  }

  /** Returns a copy of bytes. */
  public Optional<byte[]> bytes(String name) {
    return value(name, FieldType.BYTES).map(at -> Arrays.copyOfRange(encoded, at, at + length(at)));
  }

  /** Returns a truth value. */
  public Optional<Boolean> flag(String name) {
    return value(name, FieldType.FLAG).map(at -> encoded[at] == 1);
  }

  /** Returns a floating-point number. */
  public Optional<Double> real(String name) {
    return value(name, FieldType.REAL)
        .map(at -> Double.longBitsToDouble(RecordCodec.readLong(encoded, at)));
  }

  /** Returns a decimal number with the scale it was put with. */
  public Optional<BigDecimal> decimal(String name) {
    return value(name, FieldType.DECIMAL)
        .map(at -> RecordCodec.readDecimal(encoded, at, length(at)));
  }

  /** Returns an instant, exact to the nanosecond. */
  public Optional<Instant> instant(String name) {
    return value(name, FieldType.INSTANT)
        .map(
            at ->
                Instant.ofEpochSecond(
                    RecordCodec.readLong(encoded, at),
                    RecordCodec.readInt(encoded, at + Long.BYTES)));
  }

  /** Returns a date. */
  public Optional<LocalDate> date(String name) {
    return value(name, FieldType.DATE)
        .map(at -> LocalDate.ofEpochDay(RecordCodec.readLong(encoded, at)));
  }

  /** Erases the values; to be called when nobody uses the record any more. */
  public void wipe() {
    Arrays.fill(encoded, (byte) 0);
  }

  /** Returns the bytes themselves, for those who do not change them. */
  byte[] encoded() {
    return encoded;
  }

  /** Returns whether the other record has the same fields, values and order. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldRecord that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  /** Returns how many fields there are; names and values stay out of logs. */
  @Override
  public String toString() {
    return "FieldRecord[" + count + " fields]";
  }

  private Optional<Integer> value(String name, FieldType wanted) {
    Integer at = index().get(Objects.requireNonNull(name, "name"));
    if (at == null) {
      return Optional.empty();
    }
    FieldType found = FieldType.of(encoded[at]);
    if (found != wanted) {
      Options.require(false, "field '" + name + "'", "be read as " + found, wanted);
    }
    return Optional.of(at + RecordCodec.VALUE_HEADER);
  }

  private Map<String, Integer> index() {
    Map<String, Integer> made = typeAt;
    if (made == null) {
      try {
        made = RecordCodec.index(encoded);
      } catch (RecordCodec.MalformedException wiped) {
        throw new IllegalStateException("the record was wiped", wiped);
      }
      typeAt = made;
    }
    return made;
  }

  private int length(int valueAt) {
    return RecordCodec.readInt(encoded, valueAt - Integer.BYTES);
  }

  /** Fields of a record to be. For one thread. Each method refuses a name that was put before. */
  @Beta
  public static final class Builder {

    private final RecordCodec.Buffer buffer = new RecordCodec.Buffer();

    private Builder() {}

    /**
     * Puts a text.
     *
     * @throws IllegalArgumentException if the name is empty, too long or was put before, if there
     *     are {@value FieldRecord#MAX_FIELDS} fields, or if name or text are not well-formed
     */
    public Builder text(String name, @Nullable String value) {
      return value == null ? this : put(name, FieldType.TEXT, RecordCodec.text(name, value));
    }

    /**
     * Puts a number.
     *
     * @throws IllegalArgumentException as {@link #text}, here and below
     */
    public Builder number(String name, long value) {
      return put(name, FieldType.NUMBER, RecordCodec.longs(value));
    }

    /** Puts a UUID. */
    public Builder uuid(String name, @Nullable UUID value) {
      return value == null
          ? this
          : put(
              name,
              FieldType.UUID,
              RecordCodec.longs(value.getMostSignificantBits(), value.getLeastSignificantBits()));
    }

    /** Puts a copy of bytes. */
    public Builder bytes(String name, byte @Nullable [] value) {
      if (value != null) {
        buffer.put(name, FieldType.BYTES, value);
      }
      return this;
    }

    /** Puts a truth value. */
    public Builder flag(String name, boolean value) {
      return put(name, FieldType.FLAG, new byte[] {(byte) (value ? 1 : 0)});
    }

    /** Puts a floating-point number. */
    public Builder real(String name, double value) {
      return put(name, FieldType.REAL, RecordCodec.longs(Double.doubleToRawLongBits(value)));
    }

    /** Puts a decimal number with its scale. */
    public Builder decimal(String name, @Nullable BigDecimal value) {
      return value == null ? this : put(name, FieldType.DECIMAL, RecordCodec.decimal(value));
    }

    /** Puts an instant. */
    public Builder instant(String name, @Nullable Instant value) {
      return value == null
          ? this
          : put(
              name,
              FieldType.INSTANT,
              RecordCodec.instant(value.getEpochSecond(), value.getNano()));
    }

    /** Puts a date. */
    public Builder date(String name, @Nullable LocalDate value) {
      return value == null
          ? this
          : put(name, FieldType.DATE, RecordCodec.longs(value.toEpochDay()));
    }

    /** Returns the record; the builder is empty again. */
    public FieldRecord build() {
      int fields = buffer.fields();
      return new FieldRecord(buffer.finish(), fields, null);
    }

    private Builder put(String name, FieldType type, byte[] value) {
      try {
        buffer.put(name, type, value);
        return this;
      } finally {
        Arrays.fill(value, (byte) 0);
      }
    }
  }
}
