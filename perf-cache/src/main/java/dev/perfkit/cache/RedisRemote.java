package dev.perfkit.cache;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.TimeSource;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Redis as the tier behind memory. */
final class RedisRemote<K, V> implements Remote<K, V> {

  /** The longest a load may take and still be stored. */
  static final Duration LEASE = Duration.ofSeconds(30);

  private final KeyLayout<K> layout;
  private final RedisLink link;
  private final RedisCalls calls;
  private final ValueCodec<V> codec;
  private final PendingRemovals pending;
  private final Recovery recovery;
  private final TimeSource time;
  private final Tallies tallies;
  private final Notices notices;
  private final String address;
  private final long serveStaleMillis;
  private final long node = new SecureRandom().nextLong();
  private final AtomicLong tokens = new AtomicLong();

  RedisRemote(
      KeyLayout<K> layout,
      RedisLink link,
      RedisCalls calls,
      ValueCodec<V> codec,
      PendingRemovals pending,
      Recovery recovery,
      TimeSource time,
      Tallies tallies,
      Notices notices,
      String address,
      long serveStaleNanos) {
    this.layout = layout;
    this.link = link;
    this.calls = calls;
    this.codec = codec;
    this.pending = pending;
    this.recovery = recovery;
    this.time = time;
    this.tallies = tallies;
    this.notices = notices;
    this.address = address;
    this.serveStaleMillis = TimeUnit.NANOSECONDS.toMillis(serveStaleNanos);
  }

  @Override
  public boolean exists() {
    return true;
  }

  @Override
  public Visit<V> visit(K key) {
    return new RedisVisit<>(this, layout.of(key));
  }

  @Override
  public int pendingRemovals() {
    return pending.size();
  }

  @Override
  public Health health() {
    Breaker breaker = calls.breaker();
    if (!breaker.isClosed()) {
      return withPending(
          Health.of(
              Health.Status.DEGRADED,
              "Redis at "
                  + address
                  + " has been away for "
                  + TimeUnit.NANOSECONDS.toSeconds(breaker.openNanos(time.nanoTime()))
                  + " s (last failure: "
                  + breaker.lastFailure()
                  + "); values live in memory only, and shorter"));
    }
    if (!pending.isEmpty()) {
      return withPending(
          Health.of(
              Health.Status.DEGRADED,
              "removals wait for Redis at " + address + " to acknowledge them"));
    }
    return Health.up();
  }

  private Health withPending(Health health) {
    String removals =
        pending.overflow() == 0 ? Integer.toString(pending.size()) : "all keys: too many removals";
    return pending.isEmpty() ? health : health.with("pendingRemovals", removals);
  }

  @Override
  public void close() {
    recovery.close();
    if (!pending.isEmpty()) {
      notices.tell(
          "removals-lost",
          Event.Severity.WARNING,
          "closed before Redis at "
              + address
              + " acknowledged "
              + (pending.overflow() == 0 ? pending.size() + " removals" : "many removals")
              + "; its entries of them live until their time to live ends");
    }
    link.close();
  }

  // What visits need.

  RedisCalls calls() {
    return calls;
  }

  Tallies tallies() {
    return tallies;
  }

  /** Returns whether the tier may be asked about a key. */
  boolean mayAsk(RemoteKey key) {
    return calls.breaker().isClosed() && !pending.covers(key);
  }

  /** Notes that an operation did without the tier, which is to come back. */
  void missed() {
    recovery.wakeUp();
  }

  void removeLater(RemoteKey key) {
    if (pending.add(key)) {
      notices.tell(
          "removals-overflowed",
          Event.Severity.WARNING,
          "too many removals wait for Redis at "
              + address
              + "; it is not used until all entries of the cache are removed from it");
    }
    recovery.wakeUp();
  }

  byte[] newToken() {
    return ByteBuffer.allocate(16).putLong(node).putLong(tokens.incrementAndGet()).array();
  }

  byte[] encode(V value, Stamp stamp, RemoteKey key) throws CodingException {
    return codec.encode(value, stamp, time.currentTimeMillis(), key.context());
  }

  Found<V> decode(byte[] stored, RemoteKey key) throws CodingException {
    return codec.decode(stored, time.currentTimeMillis(), key.context());
  }

  /** Returns how long Redis keeps an entry: as long as it may be of use to anybody. */
  long hardMillis(Stamp stamp) {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(stamp.freshNanos()) + serveStaleMillis);
  }
}
