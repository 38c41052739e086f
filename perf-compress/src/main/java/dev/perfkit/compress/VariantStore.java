package dev.perfkit.compress;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps encoded bodies, bounded in bytes. Who needs one that somebody else is making waits for it:
 * that is computation only, so no cycle can form, and a maker that fails lets those who wait make
 * their own.
 *
 * <p>Loaded only if variants are kept, because Caffeine may be absent.
 */
final class VariantStore implements AutoCloseable {

  /** What an entry takes beside its body: the key with its texts, the node, two objects. */
  private static final int OVERHEAD = 512;

  /** A body of more than this part of the store is not kept. */
  private static final int LARGEST_PART = 8;

  private final Variants options;
  private final AsyncCache<VariantKey, Variant> kept;
  private final Recompression recompression;
  private final Telemetry.Counter hits;
  private final Telemetry.Counter misses;
  private final Telemetry.Registration size;

  VariantStore(String compressor, Variants options, Recompression recompression, Telemetry to) {
    this.options = options;
    this.recompression = recompression;
    this.kept =
        Caffeine.newBuilder()
            .maximumWeight(options.maximumBytes())
            .weigher((VariantKey key, Variant variant) -> OVERHEAD + variant.length())
            .executor(Runnable::run)
            .buildAsync();
    this.hits = to.counter(metric(compressor, "hits").help("Bodies that were encoded before"));
    this.misses = to.counter(metric(compressor, "misses").help("Bodies encoded and kept"));
    this.size =
        to.gauge(
            metric(compressor, "bytes").unit("bytes").help("Memory that kept bodies take"),
            this::weight);
  }

  private static Metric metric(String compressor, String name) {
    return Metric.named("compress.variants." + name).tag("compressor", compressor);
  }

  /** Returns the bytes that the variants take. */
  long weight() {
    kept.synchronous().cleanUp();
    return kept.synchronous().policy().eviction().orElseThrow().weightedSize().orElse(0);
  }

  boolean hasRoomFor(byte[] body) {
    return body.length <= options.maximumBytes() / LARGEST_PART;
  }

  /** Returns the variant if there is one, without counting. */
  @Nullable Variant peek(VariantKey key) {
    CompletableFuture<Variant> future = kept.getIfPresent(key);
    return future == null ? null : future.getNow(null);
  }

  /**
   * Returns the variant that is kept, or makes it.
   *
   * @param body what it is of, should it be worth a better one
   * @throws RuntimeException what making throws
   */
  Variant get(VariantKey key, Lane lane, byte[] body, Supplier<Variant> make) {
    CompletableFuture<Variant> present = kept.getIfPresent(key);
    if (present == null) {
      CompletableFuture<Variant> mine = new CompletableFuture<>();
      present = kept.asMap().putIfAbsent(key, mine);
      if (present == null) {
        misses.increment();
        return make(mine, make);
      }
    }
    // What a maker that failed leaves is null.
    Variant variant = present.join();
    if (variant == null) {
      return make.get();
    }
    hits.increment();
    improve(key, present, variant, lane, body);
    return variant;
  }

  private static Variant make(CompletableFuture<Variant> to, Supplier<Variant> make) {
    Variant made = null;
    try {
      made = make.get();
      return made;
    } finally {
      to.complete(made);
    }
  }

  /** Has a better one made of a variant that is used often. */
  private void improve(
      VariantKey key, CompletableFuture<Variant> present, Variant variant, Lane lane, byte[] body) {
    int level = options.levelInBackground(key.coding());
    if (level <= variant.level()
        || variant.bytes() == null
        || !variant.isUse(options.recompressAfterUses())) {
      return;
    }
    boolean taken =
        recompression.submit(
            lane, body, level, variant.length() - 1, better -> swap(key, present, better));
    if (!taken) {
      variant.forgetUses();
    }
  }

  /** Puts a better one in the place of a variant, unless that was evicted. */
  private void swap(VariantKey key, CompletableFuture<Variant> present, byte @Nullable [] better) {
    if (better != null) {
      int level = options.levelInBackground(key.coding());
      kept.asMap()
          .replace(key, present, CompletableFuture.completedFuture(new Variant(better, level)));
    }
  }

  @Override
  public void close() {
    recompression.close();
    size.close();
    kept.synchronous().invalidateAll();
  }
}
