package dev.perfkit.cache;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.MapperBuilder;
import java.io.IOException;
import java.util.Objects;

/** Values of one type by a mapper of Jackson, whatever it writes. */
final class Jackson<V> {

  private final ObjectWriter writer;
  private final ObjectReader reader;

  private Jackson(ObjectWriter writer, ObjectReader reader) {
    this.writer = writer;
    this.reader = reader;
  }

  static <V> Jackson<V> of(Class<V> type, ObjectMapper mapper) {
    Objects.requireNonNull(type, "type");
    return new Jackson<>(mapper.writerFor(type), mapper.readerFor(type));
  }

  static <V> Jackson<V> of(TypeReference<V> type, ObjectMapper mapper) {
    Objects.requireNonNull(type, "type");
    return new Jackson<>(mapper.writerFor(type), mapper.readerFor(type));
  }

  /** Returns the mapper of hosts that bring none. */
  static <M extends ObjectMapper> M plain(MapperBuilder<M, ?> builder) {
    return builder
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  byte[] serialize(V value) throws IOException {
    return writer.writeValueAsBytes(value);
  }

  V deserialize(byte[] bytes, int offset, int length) throws IOException {
    V value = reader.readValue(bytes, offset, length);
    if (value == null) {
      throw new IOException("null is not a value");
    }
    return value;
  }
}
