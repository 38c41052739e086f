package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * Proves that no two keys share an entry or a context, and that keys without a safe form are
 * refused.
 */
class KeyLayoutTest {

  private static <K> KeyLayout<K> layout(String cache) {
    return new KeyLayout<>(cache, null, 1);
  }

  private static String value(RemoteKey key) {
    return new String(key.value(), StandardCharsets.UTF_8);
  }

  @Test
  void of_aKey_isInTheHashTagOfTheCache() {
    RemoteKey key = KeyLayoutTest.<String>layout("users").of("42");
    assertThat(value(key)).isEqualTo("{users:0}:v:42");
    assertThat(new String(key.lease(), StandardCharsets.UTF_8)).isEqualTo("{users:0}:l:42");
  }

  @Test
  void of_aCluster_spreadsKeysOverHashTagsAndGivesTheClockItsOwn() {
    KeyLayout<Integer> layout = new KeyLayout<>("users", null, KeyLayout.SHARDS_OF_CLUSTER);
    int[] keys = new int[KeyLayout.SHARDS_OF_CLUSTER];
    for (int key = 0; key < 1600; key++) {
      RemoteKey remote = layout.of(key);
      int shard = remote.shard().index();
      keys[shard]++;
      assertThat(value(remote)).isEqualTo("{users:" + shard + "}:v:" + key);
    }
    assertThat(Arrays.stream(keys).min().orElseThrow()).isGreaterThan(30);
    assertThat(layout.shards()).hasSize(KeyLayout.SHARDS_OF_CLUSTER);
    assertThat(new String(layout.clock().clock(), StandardCharsets.UTF_8))
        .isEqualTo("{users:clock}:c");
    assertThat(KeyLayoutTest.<Integer>layout("users").clock().index()).as("of one Redis").isZero();
  }

  @Test
  void of_theKnownClasses_haveAText() {
    UUID uuid = new UUID(1, 2);
    assertThat(value(layout("c").of(42))).endsWith(":v:42");
    assertThat(value(layout("c").of(42L))).endsWith(":v:42");
    assertThat(value(layout("c").of(uuid))).endsWith(":v:" + uuid);
    assertThat(value(layout("c").of(TimeUnit.DAYS))).endsWith(":v:DAYS");
  }

  @Test
  void of_keysOfTwoClasses_isRefusedAsTheyCouldShareAText() {
    KeyLayout<Object> layout = layout("mixed");
    layout.of("42");
    assertThatThrownBy(() -> layout.of(42L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'mixed'")
        .hasMessageContaining("keys(...)")
        .hasMessageContaining("java.lang.Long");
  }

  @Test
  void of_anotherClass_isRefusedUnlessAFunctionWritesIt() {
    assertThatThrownBy(() -> layout("c").of(1.5)).hasMessageContaining("keys(...)");
    KeyLayout<Double> layout = new KeyLayout<>("c", Object::toString, 1);
    assertThat(value(layout.of(1.5))).endsWith(":v:1.5");
  }

  @Test
  void of_longKeys_areRefusedByTheirBytes() {
    KeyLayout<String> layout = layout("c");
    layout.of("x".repeat(1024));
    layout.of("é".repeat(512));
    assertThatThrownBy(() -> layout.of("secret".repeat(200)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1024")
        .hasMessageContaining("1200")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> layout.of("é".repeat(513))).hasMessageContaining("1026");
  }

  @Test
  void of_halfASurrogatePair_isRefusedAsItsBytesAreThoseOfOthers() {
    assertThatThrownBy(() -> KeyLayoutTest.<String>layout("c").of("a\uD800"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
  }

  @Property
  void of_differentCacheOrKey_differsInEveryForm(
      @ForAll("names") String cache1,
      @ForAll("names") String cache2,
      @ForAll("keys") String key1,
      @ForAll("keys") String key2) {
    RemoteKey one = KeyLayoutTest.<String>layout(cache1).of(key1);
    RemoteKey two = KeyLayoutTest.<String>layout(cache2).of(key2);
    boolean same = cache1.equals(cache2) && key1.equals(key2);
    assertThat(Arrays.equals(one.value(), two.value())).isEqualTo(same);
    assertThat(Arrays.equals(one.lease(), two.lease())).isEqualTo(same);
    assertThat(Arrays.equals(one.context(), two.context())).isEqualTo(same);
    assertThat(one.value()).isNotEqualTo(two.lease());
  }

  @net.jqwik.api.Provide
  net.jqwik.api.Arbitrary<String> names() {
    return net.jqwik.api.Arbitraries.strings().withChars("ab.").ofMinLength(1).ofMaxLength(3);
  }

  @net.jqwik.api.Provide
  net.jqwik.api.Arbitrary<String> keys() {
    return net.jqwik.api.Arbitraries.strings().withChars("ab.:{}0vl").ofMaxLength(5);
  }
}
