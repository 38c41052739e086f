package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.perfkit.spi.ByteSize;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Proves how values are weighed, copied for those who change them, and written as CBOR. */
class ValuesTest {

  private static List<String> list(String... of) {
    return new ArrayList<>(Arrays.asList(of));
  }

  private static Map<String, List<String>> all(Set<String> keys) {
    Map<String, List<String>> values = new HashMap<>();
    keys.forEach(key -> values.put(key, list(key)));
    return values;
  }

  @Test
  void copyOnRead_callersThatChangeTheirValue_changeNobodyElses() {
    try (var cache =
        TieredCache.<String, List<String>>named("copies").copyOnRead(ArrayList::new).build()) {
      List<String> put = list("a");
      cache.put("put", put);
      put.add("changed");
      cache.put("options", put, CallOptions.none().tags("t"));
      cache.putLoaded("loaded", Loaded.of(put).tags("t"));
      put.add("again");
      for (int i = 0; i < 2; i++) {
        List<List<String>> got = new ArrayList<>();
        got.add(cache.get("put", key -> list("unused")));
        got.add(cache.getIfPresent("put"));
        got.add(cache.get("get", key -> list("a")));
        got.add(cache.fetch("fetch", (key, older) -> Loaded.of(list("a"))));
        got.add(cache.async().get("get", key -> list("a")).join());
        assertThat(got).allSatisfy(each -> assertThat(each).containsExactly("a"));
        got.forEach(each -> each.add("changed"));
        Map<String, List<String>> many = cache.getAll(List.of("x", "y"), ValuesTest::all);
        assertThat(many).isEqualTo(Map.of("x", list("x"), "y", list("y")));
        many.values().forEach(each -> each.add("changed"));
      }
      assertThat(cache.getIfPresent("options")).containsExactly("a", "changed");
      assertThat(cache.getIfPresent("loaded")).containsExactly("a", "changed");
      assertThat(cache.getIfPresent("none")).isNull();
    }
  }

  @Test
  void copyOnRead_notSet_sharesTheValue() {
    try (var cache = TieredCache.<String, List<String>>named("shared").build()) {
      List<String> value = list("a");
      assertThat(cache.get("a", key -> value)).isSameAs(value);
      assertThat(cache.get("a", key -> value)).isSameAs(value);
    }
  }

  @Test
  void memory_byWeight_holdsNoMoreThanThat() {
    Memory memory = Memory.weighing(100, String.class, String::length);
    try (var cache = TieredCache.<String, String>named("weight").memory(memory).build()) {
      for (int i = 0; i < 50; i++) {
        cache.put("k" + i, "x".repeat(10));
      }
      assertThat(cache.stats().memory().entries()).isBetween(1L, 10L);
      cache.put("large", "x".repeat(101));
      assertThat(cache.getIfPresent("large")).as("it never fits").isNull();
      cache.put("empty", "");
      assertThat(cache.getIfPresent("empty")).as("it weighs 1").isEmpty();
    }
    assertThatThrownBy(() -> Memory.weighing(0, String.class, String::length))
        .hasMessage("memory weight must be at least 1 but was 0");
  }

  @Test
  void memory_byStoredBytes_needsRedis() {
    Memory memory = Memory.storedBytes(ByteSize.ofMebibytes(1));
    assertThatThrownBy(() -> TieredCache.named("x").memory(memory).build())
        .hasMessageContaining("memory must be used together with remote(...)");
    assertThat(memory)
        .isEqualTo(Memory.storedBytes(ByteSize.ofMebibytes(1)))
        .hasSameHashCodeAs(Memory.storedBytes(ByteSize.ofMebibytes(1)))
        .isNotEqualTo(Memory.entries(memory.maximum()));
    assertThat(memory.weigh("v", 300)).isEqualTo(300);
    assertThat(memory.weigh("v", 0)).isEqualTo(1024);
  }

  @Test
  void cbor_value_isReadBackAndForeignBytesAreRefused() throws IOException {
    CborSerializer<Map<String, Integer>> cbor =
        CborSerializer.of(new TypeReference<Map<String, Integer>>() {});
    byte[] bytes = cbor.serialize(Map.of("a", 1));
    assertThat(bytes).hasSizeLessThan("{\"a\":1}".length());
    byte[] padded = new byte[bytes.length + 4];
    System.arraycopy(bytes, 0, padded, 2, bytes.length);
    assertThat(cbor.deserialize(padded, 2, bytes.length)).isEqualTo(Map.of("a", 1));
    assertThat(cbor.id()).isEqualTo(4);
    byte[] cborNull = {(byte) 0xF6};
    assertThatThrownBy(() -> cbor.deserialize(cborNull, 0, 1)).hasMessageContaining("null");
    byte[] two = {1, 1};
    assertThatThrownBy(() -> CborSerializer.of(Integer.class).deserialize(two, 0, 2))
        .as("more than a value")
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> CborSerializer.of(Integer.class).deserialize(bytes, 0, bytes.length))
        .isInstanceOf(IOException.class);
  }

  @Test
  void cbor_withAMapperOfTheHost_usesIt() throws IOException {
    record Point(int fromLeft) {}
    CBORMapper mapper =
        CBORMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    byte[] bytes = CborSerializer.of(Point.class, mapper).serialize(new Point(7));
    assertThat(
            CborSerializer.of(new TypeReference<Map<String, Integer>>() {}, mapper)
                .deserialize(bytes, 0, bytes.length))
        .isEqualTo(Map.of("from_left", 7));
    assertThatThrownBy(() -> CborSerializer.of(Point.class, new JsonMapper()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("mapper must write CBOR (as CBORMapper does) but was JSON");
  }
}
