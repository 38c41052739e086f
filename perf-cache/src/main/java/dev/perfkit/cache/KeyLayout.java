package dev.perfkit.cache;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the entries of a cache live in Redis: {@code {cache:shard}:v:key}, their leases at {@code
 * {cache:shard}:l:key}. The braces are Redis' hash tag: all keys of a shard are on one node, so one
 * script may touch them. A single Redis has the one shard 0.
 *
 * <p>Two keys of the host never become one text: text must be well-formed, and without a function
 * of the host all keys must be of one class whose text tells them apart.
 */
final class KeyLayout<K> {

  /** The most bytes of a key as UTF-8. */
  static final int MAX_KEY_BYTES = 1024;

  private final String cache;
  private final @Nullable Function<? super K, String> toText;
  private final AtomicReference<@Nullable Class<?>> keyClass = new AtomicReference<>();
  private final byte[] valuePrefix;
  private final byte[] leasePrefix;
  private final byte[] contextPrefix;

  KeyLayout(String cache, @Nullable Function<? super K, String> toText) {
    this.cache = cache;
    this.toText = toText;
    this.valuePrefix = ascii(prefix() + "v:");
    this.leasePrefix = ascii(prefix() + "l:");
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
    return new RemoteKey(
        text,
        Bytes.concat(valuePrefix, bytes),
        Bytes.concat(leasePrefix, bytes),
        Bytes.concat(contextPrefix, bytes));
  }

  /** Returns what all Redis keys of the cache begin with. */
  String prefix() {
    return "{" + cache + ":0}:";
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
