package dev.perfkit.crypto.jackson;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.ser.ContextualSerializer;
import dev.perfkit.crypto.CipherContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes a property as a ciphertext. */
final class EncryptedSerializer extends JsonSerializer<Object> implements ContextualSerializer {

  private static final JsonFactory JSON = new JsonFactory();

  private final Place place;
  private final String column;
  private final @Nullable JavaType type;

  EncryptedSerializer(Place place, String column) {
    this(place, column, null);
  }

  private EncryptedSerializer(Place place, String column, @Nullable JavaType type) {
    this.place = place;
    this.column = column;
    this.type = type;
  }

  @Override
  public JsonSerializer<?> createContextual(
      SerializerProvider provider, @Nullable BeanProperty property) {
    return property == null
        ? this
        : new EncryptedSerializer(
            place, column.isEmpty() ? property.getName() : column, property.getType());
  }

  @Override
  public void serialize(Object value, JsonGenerator generator, SerializerProvider provider)
      throws IOException {
    CipherContext where = place.of(provider, column);
    if (value instanceof String text) {
      generator.writeString(place.cipher().text().encrypt(text, where));
    } else if (value instanceof byte[] bytes) {
      generator.writeString(place.cipher().text().encrypt(bytes, where));
    } else {
      byte[] json = json(value, generator, provider);
      try {
        generator.writeString(place.cipher().text().encrypt(json, where));
      } finally {
        Arrays.fill(json, (byte) 0);
      }
    }
  }

  private byte[] json(Object value, JsonGenerator outer, SerializerProvider provider)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = JSON.createGenerator(bytes)) {
      generator.setCodec(outer.getCodec());
      JsonSerializer<Object> serializer =
          type == null || type.isJavaLangObject()
              ? provider.findTypedValueSerializer(value.getClass(), true, null)
              : provider.findTypedValueSerializer(type, true, null);
      serializer.serialize(value, generator, provider);
    }
    return bytes.toByteArray();
  }
}
