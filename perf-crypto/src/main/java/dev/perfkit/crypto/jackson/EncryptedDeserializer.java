package dev.perfkit.crypto.jackson;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import dev.perfkit.crypto.CipherContext;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads a property from a ciphertext. */
final class EncryptedDeserializer extends JsonDeserializer<Object>
    implements ContextualDeserializer {

  private static final JsonFactory JSON = new JsonFactory();

  private final Place place;
  private final String column;
  private final @Nullable JavaType type;
  private final @Nullable JsonDeserializer<Object> values;

  EncryptedDeserializer(Place place, String column) {
    this(place, column, null, null);
  }

  private EncryptedDeserializer(
      Place place,
      String column,
      @Nullable JavaType type,
      @Nullable JsonDeserializer<Object> values) {
    this.place = place;
    this.column = column;
    this.type = type;
    this.values = values;
  }

  @Override
  public JsonDeserializer<?> createContextual(
      DeserializationContext context, @Nullable BeanProperty property) throws JsonMappingException {
    if (property == null) {
      return this;
    }
    JavaType found = property.getType();
    String named = column.isEmpty() ? property.getName() : column;
    boolean plain = found.hasRawClass(String.class) || found.hasRawClass(byte[].class);
    return new EncryptedDeserializer(
        place, named, found, plain ? null : context.findRootValueDeserializer(found));
  }

  @Override
  public @Nullable Object deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    if (!parser.hasToken(JsonToken.VALUE_STRING)) {
      context.reportWrongTokenException(
          this, JsonToken.VALUE_STRING, "an encrypted property is a text");
    }
    String sealed = parser.getText();
    CipherContext where = place.of(context, column);
    if (values == null) {
      return type != null && type.hasRawClass(byte[].class)
          ? place.cipher().text().decrypt(sealed, where)
          : place.cipher().text().decryptToString(sealed, where);
    }
    byte[] json = place.cipher().text().decrypt(sealed, where);
    try {
      return value(json, values, parser, context);
    } finally {
      Arrays.fill(json, (byte) 0);
    }
  }

  private @Nullable Object value(
      byte[] json,
      JsonDeserializer<Object> reader,
      JsonParser outer,
      DeserializationContext context)
      throws JsonMappingException {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.setCodec(outer.getCodec());
      if (parser.nextToken() == JsonToken.VALUE_NULL) {
        return reader.getNullValue(context);
      }
      Object value = reader.deserialize(parser, context);
      if (parser.nextToken() == null) {
        return value;
      }
    } catch (IOException | RuntimeException notOfTheType) {
      // Without the cause, whose message quotes the plaintext.
    }
    throw JsonMappingException.from(
        outer, "the plaintext of the encrypted property '" + column + "' is not JSON of its type");
  }
}
