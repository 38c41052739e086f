package dev.perfkit.cache;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.perfkit.spi.Beta;
import java.io.IOException;

/**
 * Values as JSON, by Jackson.
 *
 * <p>Without a mapper of the host it uses a plain one that ignores unknown properties, so that a
 * version that adds a property can be deployed beside one that does not know it. Modules, such as
 * that for {@code java.time}, come with a mapper of the host; none is found on the class path. A
 * mapper with default typing would let stored bytes choose the class to create: do not use one.
 *
 * @param <V> the type of values
 */
@Beta
public final class JsonSerializer<V> implements Serializer<V> {

  private final Jackson<V> jackson;

  private JsonSerializer(Jackson<V> jackson) {
    this.jackson = jackson;
  }

  /** Returns a serializer of a class. */
  public static <V> JsonSerializer<V> of(Class<V> type) {
    return of(type, Plain.MAPPER);
  }

  /** Returns a serializer of a generic type, such as {@code new TypeReference<List<User>>() {}}. */
  public static <V> JsonSerializer<V> of(TypeReference<V> type) {
    return of(type, Plain.MAPPER);
  }

  /** Returns a serializer of a class that uses the host's mapper. */
  public static <V> JsonSerializer<V> of(Class<V> type, ObjectMapper mapper) {
    return new JsonSerializer<>(Jackson.of(type, mapper));
  }

  /** Returns a serializer of a generic type that uses the host's mapper. */
  public static <V> JsonSerializer<V> of(TypeReference<V> type, ObjectMapper mapper) {
    return new JsonSerializer<>(Jackson.of(type, mapper));
  }

  @Override
  public int id() {
    return 1;
  }

  @Override
  public byte[] serialize(V value) throws IOException {
    return jackson.serialize(value);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IOException if the bytes are not JSON of the type, or are {@code null}
   */
  @Override
  public V deserialize(byte[] bytes, int offset, int length) throws IOException {
    return jackson.deserialize(bytes, offset, length);
  }

  @Override
  public String toString() {
    return "JsonSerializer";
  }

  /** Made when first needed. */
  private static final class Plain {
    static final JsonMapper MAPPER = Jackson.plain(JsonMapper.builder());
  }
}
