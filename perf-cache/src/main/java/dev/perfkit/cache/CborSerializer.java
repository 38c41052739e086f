package dev.perfkit.cache;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.perfkit.spi.Beta;
import java.io.IOException;
import java.util.Objects;

/**
 * Values as CBOR (RFC 8949), by Jackson: what {@link JsonSerializer} writes, in fewer bytes. Needs
 * {@code jackson-dataformat-cbor}, which this library does not bring along.
 *
 * <p>The mapper is a plain one that ignores unknown properties, as there; it has no modules, such
 * as that for {@code java.time}.
 *
 * @param <V> the type of values
 */
@Beta
public final class CborSerializer<V> implements Serializer<V> {

  private final ObjectWriter writer;
  private final ObjectReader reader;

  private CborSerializer(ObjectWriter writer, ObjectReader reader) {
    this.writer = writer;
    this.reader = reader;
  }

  /** Returns a serializer of a class. */
  public static <V> CborSerializer<V> of(Class<V> type) {
    Objects.requireNonNull(type, "type");
    return new CborSerializer<>(Plain.MAPPER.writerFor(type), Plain.MAPPER.readerFor(type));
  }

  /** Returns a serializer of a generic type, such as {@code new TypeReference<List<User>>() {}}. */
  public static <V> CborSerializer<V> of(TypeReference<V> type) {
    Objects.requireNonNull(type, "type");
    return new CborSerializer<>(Plain.MAPPER.writerFor(type), Plain.MAPPER.readerFor(type));
  }

  @Override
  public int id() {
    return 4;
  }

  @Override
  public byte[] serialize(V value) throws IOException {
    return writer.writeValueAsBytes(value);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IOException if the bytes are not CBOR of the type, or are {@code null}
   */
  @Override
  public V deserialize(byte[] bytes, int offset, int length) throws IOException {
    V value = reader.readValue(bytes, offset, length);
    if (value == null) {
      throw new IOException("CBOR null is not a value");
    }
    return value;
  }

  @Override
  public String toString() {
    return "CborSerializer";
  }

  /** Made when first needed. */
  private static final class Plain {
    static final ObjectMapper MAPPER =
        CBORMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }
}
