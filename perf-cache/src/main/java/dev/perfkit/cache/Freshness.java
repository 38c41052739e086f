package dev.perfkit.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of changes that the copies of a source may not have yet: what an invalidation came with,
 * for the loads after it.
 *
 * <p>Those of keys are in Redis beside the lease and come with it. Those of tags come with the
 * mark, before it is applied: a load that knows the mark knows the token. What this node did itself
 * it knows without Redis.
 *
 * <p>A token that is not needed any more is harmless, and nobody can tell which of two says more.
 * So a place keeps several, all of them for a while after the last one.
 */
final class Freshness {

  /** The most tokens of one key or tag. */
  static final int OF_A_PLACE = 8;

  /** The most tokens of tags that Redis keeps for nodes that start later. */
  static final int OF_TAGS = 1_000;

  /** The longest that copies may lag. */
  static final Duration KEPT = Duration.ofMinutes(10);

  /** The most keys and tags of which this node keeps tokens. */
  private static final int PLACES = 10_000;

  private static final int MAX_LENGTH = 255;

  /** How often a value is fetched whose tags keep turning out to have other tokens. */
  private static final int ATTEMPTS = 3;

  private final Cache<Object, List<String>> tokens;

  Freshness(TimeSource time) {
    this.tokens =
        Caffeine.newBuilder()
            .maximumSize(PLACES)
            .expireAfterWrite(KEPT)
            .ticker(time::nanoTime)
            .executor(Runnable::run)
            .build();
  }

  /** A key of the host. */
  record OfKey(Object key) {}

  /** A tag. */
  record OfTag(String name) {}

  /**
   * Returns a token that a host gave.
   *
   * @throws IllegalArgumentException if it has another form
   */
  static String checked(String token) {
    boolean visible = token.chars().allMatch(c -> c > ' ' && c < 0x7F);
    Options.require(
        visible && !token.isEmpty() && token.length() <= MAX_LENGTH,
        "freshness",
        "have 1 to " + MAX_LENGTH + " visible ASCII characters and no space",
        token.length() + " characters" + (visible ? "" : ", some of them others"));
    return token;
  }

  /** Keeps tokens of a key or a tag, or of one that waits to be delivered. */
  void note(Object place, List<String> more) {
    if (!more.isEmpty()) {
      tokens.asMap().merge(place, List.copyOf(more), Freshness::join);
    }
  }

  /** Returns both, the newer last; of too many the newest. */
  private static List<String> join(List<String> older, List<String> newer) {
    List<String> all = new ArrayList<>(older);
    all.removeAll(newer);
    all.addAll(newer);
    return List.copyOf(all.subList(Math.max(0, all.size() - OF_A_PLACE), all.size()));
  }

  List<String> of(Object place) {
    return Objects.requireNonNullElse(tokens.getIfPresent(place), List.of());
  }

  List<String> ofTags(Collection<String> tags) {
    List<String> all = new ArrayList<>();
    tags.forEach(tag -> all.addAll(of(new OfTag(tag))));
    return all;
  }

  /** Returns what is known before a load: what the key and the tags that it had come with. */
  <V> Set<String> before(Object key, Visit<V> visit, @Nullable Entry<V> older) {
    Set<String> known = new LinkedHashSet<>(visit.freshness());
    known.addAll(of(new OfKey(key)));
    if (older != null) {
      known.addAll(ofTags(older.origin().tags()));
    }
    return known;
  }

  /** Fetches, again if the tags of the value have tokens that were not told. */
  <K, V, X extends Exception> Loaded<V> fetch(
      FreshFetcher<K, V, X> fetcher, K key, @Nullable V older, Set<String> known) throws X {
    Set<String> told = new LinkedHashSet<>(known);
    Loaded<V> loaded = ask(fetcher, key, older, told);
    for (int i = 1; i < ATTEMPTS && told.addAll(ofTags(loaded.tags())); i++) {
      loaded = ask(fetcher, key, older, told);
    }
    return told.containsAll(ofTags(loaded.tags())) ? loaded : loaded.forItsCallerAlone();
  }

  private static <K, V, X extends Exception> Loaded<V> ask(
      FreshFetcher<K, V, X> fetcher, K key, @Nullable V older, Set<String> told) throws X {
    return Objects.requireNonNull(fetcher.fetch(key, older, List.copyOf(told)), "Loaded");
  }

  /** Fetches many, those again whose tags have tokens that were not told. */
  <K, V, X extends Exception> Map<K, Loaded<V>> fetchAll(
      FreshBulkFetcher<K, V, X> fetcher, Set<K> keys, Set<String> known) throws X {
    Set<String> told = new LinkedHashSet<>(known);
    Map<K, Loaded<V>> loaded = new HashMap<>(fetcher.fetchAll(keys, List.copyOf(told)));
    Set<K> behind = behind(loaded, keys, told);
    for (int i = 1; i < ATTEMPTS && !behind.isEmpty(); i++) {
      behind.forEach(key -> told.addAll(ofTags(tagsOf(loaded, key))));
      Map<K, Loaded<V>> again = fetcher.fetchAll(Set.copyOf(behind), List.copyOf(told));
      behind.forEach(key -> loaded.put(key, again.getOrDefault(key, Loaded.absent())));
      behind = behind(loaded, behind, told);
    }
    behind.forEach(key -> loaded.computeIfPresent(key, (k, each) -> each.forItsCallerAlone()));
    return loaded;
  }

  private <K, V> Set<K> behind(Map<K, Loaded<V>> loaded, Set<K> keys, Set<String> told) {
    Set<K> behind = new HashSet<>();
    for (K key : keys) {
      if (!told.containsAll(ofTags(tagsOf(loaded, key)))) {
        behind.add(key);
      }
    }
    return behind;
  }

  private static <K, V> List<String> tagsOf(Map<K, Loaded<V>> loaded, K key) {
    Loaded<V> each = loaded.get(key);
    return each == null ? List.of() : each.tags();
  }
}
