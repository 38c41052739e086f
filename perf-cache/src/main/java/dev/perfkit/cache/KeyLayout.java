package dev.perfkit.cache;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the entries of a cache live in Redis: {@code {cache:shard}:v:key}, their leases at {@code
 * {cache:shard}:l:key}. The shard is told by the text of the key; a single Redis has the one shard
 * 0, a cluster {@value #SHARDS_OF_CLUSTER}. All nodes must have the same number, so nobody chooses
 * it.
 *
 * <p>Two keys of the host never become one text: text must be well-formed, and without a function
 * of the host all keys must be of one class whose text tells them apart.
 */
final class KeyLayout<K> {

  /** Enough to use many masters, few enough to ask each of them at every heartbeat. */
  static final int SHARDS_OF_CLUSTER = 16;

  /** The most bytes of a key as UTF-8. */
  static final int MAX_KEY_BYTES = 1024;

  private final String cache;
  private final @Nullable Function<? super K, String> toText;
  private final AtomicReference<@Nullable Class<?>> keyClass = new AtomicReference<>();
  private final ShardKeys[] shards;
  private final ShardKeys clock;
  private final byte[] contextPrefix;

  KeyLayout(String cache, @Nullable Function<? super K, String> toText, int shards) {
    this.cache = cache;
    this.toText = toText;
    this.shards = new ShardKeys[shards];
    for (int i = 0; i < shards; i++) {
      this.shards[i] = ShardKeys.of(cache, i);
    }
    this.clock = shards == 1 ? this.shards[0] : ShardKeys.ofClock(cache);
    byte[] name = ascii(cache);
    this.contextPrefix = ByteBuffer.allocate(4 + name.length).putInt(name.length).put(name).array();
  }

  /**
   * Returns the key in all its forms.
   *
   * @throws IllegalArgumentException if it has no text, or one that is too long or not well-formed
   */
  RemoteKey of(K key) {
    String text = text(key);
    byte[] bytes = bytes(text);
    if (bytes.length > MAX_KEY_BYTES) {
      throw refused("have at most " + MAX_KEY_BYTES + " bytes as UTF-8 but has " + bytes.length);
    }
    return new RemoteKey(text, bytes, shards[shardOf(bytes)], contextPrefix);
  }

  List<ShardKeys> shards() {
    return List.of(shards);
  }

  /** Returns where the clock is: with the only shard, or in a place of its own. */
  ShardKeys clock() {
    return clock;
  }

  /**
   * Returns what stands for a key in memory, by its text; null if no key can have that text. Where
   * a function of the host writes keys, the text itself stands for the key.
   */
  @Nullable Object memoryKey(String text) {
    Class<?> type = keyClass.get();
    if (toText != null || type == String.class) {
      return text;
    }
    try {
      return type == null ? null : parse(type, text);
    } catch (IllegalArgumentException noneOfOurs) {
      return null;
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an enum is looked up by its class
  private static @Nullable Object parse(Class<?> type, String text) {
    if (type == Integer.class) {
      return Integer.valueOf(text);
    }
    if (type == Long.class) {
      return Long.valueOf(text);
    }
    if (type == UUID.class) {
      return UUID.fromString(text);
    }
    return Enum.valueOf((Class<? extends Enum>) type.asSubclass(Enum.class), text);
  }

  private int shardOf(byte[] text) {
    return shards.length == 1 ? 0 : Math.floorMod(Arrays.hashCode(text), shards.length);
  }

  private String text(K key) {
    if (toText != null) {
      return Objects.requireNonNull(toText.apply(key), "text of a key");
    }
    Class<?> type = key instanceof Enum<?> e ? e.getDeclaringClass() : key.getClass();
    Class<?> first = keyClass.compareAndExchange(null, type);
    if ((first != null && first != type) || !hasText(key)) {
      throw refused(
          "all be of one class (String, Integer, Long, UUID or one enum) unless keys(...) tells"
              + " how to write them, but one is of "
              + type.getName());
    }
    return key instanceof Enum<?> constant ? constant.name() : key.toString();
  }

  private static boolean hasText(Object key) {
    return key instanceof String
        || key instanceof Integer
        || key instanceof Long
        || key instanceof UUID
        || key instanceof Enum<?>;
  }

  private byte[] bytes(String text) {
    try {
      return Bytes.strictUtf8(text);
    } catch (CharacterCodingException malformed) {
      throw refused("be well-formed text, but half of a surrogate pair stands alone");
    }
  }

  private IllegalArgumentException refused(String rule) {
    return new IllegalArgumentException("keys of cache '" + cache + "' must " + rule);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
