package dev.perfkit.cache;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.io.IOException;

/**
 * Values as CBOR (RFC 8949), by Jackson: what {@link JsonSerializer} writes, in fewer bytes. Needs
 * {@code jackson-dataformat-cbor}, which this library does not bring along.
 *
 * <p>What is said there of the mapper is true here.
 *
 * @param <V> the type of values
 */
@Beta
public final class CborSerializer<V> implements Serializer<V> {

  private final Jackson<V> jackson;

  private CborSerializer(Jackson<V> jackson) {
    this.jackson = jackson;
  }

  /** Returns a serializer of a class. */
  public static <V> CborSerializer<V> of(Class<V> type) {
    return of(type, Plain.MAPPER);
  }

  /** Returns a serializer of a generic type, such as {@code new TypeReference<List<User>>() {}}. */
  public static <V> CborSerializer<V> of(TypeReference<V> type) {
    return of(type, Plain.MAPPER);
  }

  /**
   * Returns a serializer of a class that uses the host's mapper, such as a {@code CBORMapper}.
   *
   * @throws IllegalArgumentException if the mapper writes anything but CBOR
   */
  public static <V> CborSerializer<V> of(Class<V> type, ObjectMapper mapper) {
    return new CborSerializer<>(Jackson.of(type, checked(mapper)));
  }

  /**
   * Returns a serializer of a generic type likewise.
   *
   * @throws IllegalArgumentException if the mapper writes anything but CBOR
   */
  public static <V> CborSerializer<V> of(TypeReference<V> type, ObjectMapper mapper) {
    return new CborSerializer<>(Jackson.of(type, checked(mapper)));
  }

  private static ObjectMapper checked(ObjectMapper mapper) {
    String format = mapper.getFactory().getFormatName();
    Options.require(format.equals("CBOR"), "mapper", "write CBOR (as CBORMapper does)", format);
    return mapper;
  }

  @Override
  public int id() {
    return 4;
  }

  @Override
  public byte[] serialize(V value) throws IOException {
    return jackson.serialize(value);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IOException if the bytes are not CBOR of the type, or are {@code null}
   */
  @Override
  public V deserialize(byte[] bytes, int offset, int length) throws IOException {
    return jackson.deserialize(bytes, offset, length);
  }

  @Override
  public String toString() {
    return "CborSerializer";
  }

  /** Made when first needed. */
  private static final class Plain {
    static final CBORMapper MAPPER = Jackson.plain(CBORMapper.builder());
  }
}
