package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Proves, against Jackson, that whatever is written reads back the same. */
final class JsonWriterTest {

  private static final ObjectMapper JACKSON = new ObjectMapper();

  @Property
  void value_anyTreeOfValues_readsBackTheSame(@ForAll("values") Object value) throws IOException {
    StringBuilder text = new StringBuilder();
    write(new JsonWriter(text), value);
    // By way of bytes, as every reader gets it; trailing text would be a mistake too.
    JsonNode read = JACKSON.readTree(text.toString().getBytes(StandardCharsets.UTF_8));
    assertSame(read, value);
    assertThat(text.chars()).allMatch(c -> c >= ' ');
  }

  @Property(tries = 5_000)
  void value_anyText_readsBackTheSame(@ForAll String value) throws IOException {
    StringBuilder text = new StringBuilder();
    new JsonWriter(text).value(value);
    assertThat(JACKSON.readTree(text.toString()).textValue()).isEqualTo(value);
  }

  @Property
  void value_anyNumber_readsBackTheSameOrIsNull(@ForAll double real, @ForAll long whole)
      throws IOException {
    StringBuilder text = new StringBuilder();
    new JsonWriter(text).beginArray().value(real).value(whole).endArray();
    JsonNode read = JACKSON.readTree(text.toString());
    assertThat(read.get(0).doubleValue()).isEqualTo(real);
    assertThat(read.get(1).longValue()).isEqualTo(whole);
  }

  @Test
  void value_whatJsonDoesNotHave_isNull() throws IOException {
    StringBuilder text = new StringBuilder();
    new JsonWriter(text)
        .beginArray()
        .value(Double.NaN)
        .value(Double.NEGATIVE_INFINITY)
        .value(OptionalDouble.empty())
        .seconds(Optional.empty())
        .seconds(Duration.ofMillis(200))
        .endArray();
    assertThat(text).hasToString("[null,null,null,null,0.2]");
  }

  @Test
  void value_loneSurrogates_areEscaped() throws IOException {
    StringBuilder text = new StringBuilder();
    new JsonWriter(text).value("a\ud83dz\ude00 \ud83d\ude00");
    assertThat(text).hasToString("\"a\\ud83dz\\ude00 \ud83d\ude00\"");
  }

  @Provide
  static Arbitrary<Object> values() {
    Arbitrary<Object> leaf =
        Arbitraries.oneOf(
            Arbitraries.strings().map(Object.class::cast),
            Arbitraries.longs().map(Object.class::cast),
            Arbitraries.of(true, false).map(Object.class::cast));
    return Arbitraries.recursive(
        () -> leaf,
        inner ->
            Arbitraries.oneOf(
                inner.list().ofMaxSize(4).map(Object.class::cast),
                Arbitraries.maps(Arbitraries.strings().ofMaxLength(5), inner)
                    .ofMaxSize(4)
                    .map(Object.class::cast)),
        3);
  }

  private static void write(JsonWriter json, Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.beginObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        write(json.name((String) entry.getKey()), entry.getValue());
      }
      json.endObject();
    } else if (value instanceof List<?> list) {
      json.beginArray();
      for (Object element : list) {
        write(json, element);
      }
      json.endArray();
    } else if (value instanceof Long number) {
      json.value(number);
    } else if (value instanceof Boolean bool) {
      json.value(bool);
    } else {
      json.value((String) value);
    }
  }

  private static void assertSame(JsonNode read, Object value) {
    if (value instanceof Map<?, ?> map) {
      assertThat(read.isObject()).isTrue();
      assertThat(read.size()).isEqualTo(map.size());
      map.forEach(
          (key, element) -> assertSame(Objects.requireNonNull(read.get((String) key)), element));
    } else if (value instanceof List<?> list) {
      assertThat(read.isArray()).isTrue();
      assertThat(read.size()).isEqualTo(list.size());
      for (int i = 0; i < list.size(); i++) {
        assertSame(Objects.requireNonNull(read.get(i)), list.get(i));
      }
    } else if (value instanceof Long number) {
      assertThat(read.longValue()).isEqualTo(number);
    } else if (value instanceof Boolean bool) {
      assertThat(read.booleanValue()).isEqualTo(bool);
    } else {
      assertThat(read.textValue()).isEqualTo(value);
    }
  }
}
