package dev.perfkit.cache;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.TimeSource;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** Redis as the tier behind memory. */
final class RedisRemote<K, V> implements Remote<K, V>, Recovery.Sender {

  /** The most keys of one look-up: Redis does nothing else meanwhile. */
  private static final int AT_ONCE = 500;

  private final KeyLayout<K> layout;
  private final List<ShardKeys> keys;
  private final List<Shard> shards;
  private final Marks marks;
  private final RedisLink link;
  private final RedisCalls calls;
  private final Backplane backplane;
  private final ValueCodec<V> codec;
  private final PendingRemovals pending;
  private final Recovery recovery;
  private final ScheduledExecutorService scheduler;
  private final RedisTier.Settings settings;
  private final TimeSource time;
  private final Tallies tallies;
  private final Notices notices;
  private final String address;
  private final Runnable disconnect;
  private final RedisBatches<V> batches;
  private final Set<RedisVisit<V>> leases = ConcurrentHashMap.newKeySet();
  private final long node = new SecureRandom().nextLong();
  private final AtomicLong tokens = new AtomicLong();
  private volatile boolean evictsAtWill;

  RedisRemote(Parts<K, V> parts) {
    this.layout = parts.layout();
    this.keys = parts.layout().shards();
    this.shards = parts.shards();
    this.marks = parts.marks();
    this.link = parts.link();
    this.calls = parts.calls();
    this.backplane = parts.backplane();
    this.codec = parts.codec();
    this.settings = parts.settings();
    this.scheduler = parts.scheduler();
    this.time = parts.time();
    this.tallies = parts.tallies();
    this.notices = parts.notices();
    this.address = parts.address();
    this.disconnect = parts.disconnect();
    this.batches = new RedisBatches<>(calls);
    this.pending = new PendingRemovals(settings.pendingRemovals);
    this.recovery =
        new Recovery(calls, this, pending, notices, address, scheduler, settings.retryAfter);
  }

  /** What it is made of. */
  record Parts<K, V>(
      KeyLayout<K> layout,
      List<Shard> shards,
      Marks marks,
      RedisLink link,
      RedisCalls calls,
      Backplane backplane,
      ValueCodec<V> codec,
      RedisTier.Settings settings,
      ScheduledExecutorService scheduler,
      TimeSource time,
      Tallies tallies,
      Notices notices,
      String address,
      Runnable disconnect) {}

  @Override
  public boolean exists() {
    return true;
  }

  @Override
  public Visit<V> visit(K key) {
    RemoteKey remoteKey = layout.of(key);
    start();
    Shard shard = shards.get(remoteKey.shard().index());
    boolean known = shard.isConfirmed() || introduce();
    RedisVisit<V> visit = new RedisVisit<>(this, remoteKey, shard, marks.reading().local());
    if (!known) {
      tallies.remoteSkipped.increment();
      visit.miss();
    }
    return visit;
  }

  /** Learns, before the first use, what is invalidated; what is older than that is not believed. */
  private boolean introduce() {
    if (!calls.breaker().isClosed() || !backplane.syncAll()) {
      return false;
    }
    evictsAtWill = Boolean.TRUE.equals(calls.ask(RedisLink::evictsAtWill));
    return true;
  }

  private void start() {
    backplane.start(
        scheduler, settings.heartbeat.toNanos(), () -> leases.forEach(RedisVisit::renew));
  }

  @Override
  public Shard shard(K key) {
    return shards.get(layout.of(key).shard().index());
  }

  @Override
  public void pause() {
    if (calls.breaker().pause(time.nanoTime())) {
      notices.tell(
          "remote-paused", Event.Severity.INFO, "Redis at " + address + " is left alone, as told");
    }
  }

  @Override
  public void resume() {
    if (calls.breaker().resume()) {
      recovery.wakeUp();
    }
  }

  @Override
  public void findAll(List<Visit<V>> visits, ObjIntConsumer<Found<V>> onFresh) {
    for (ShardKeys shard : keys) {
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < visits.size(); i++) {
        RedisVisit<V> visit = (RedisVisit<V>) visits.get(i);
        if (visit.key().shard().index() == shard.index() && visit.mayBelieve()) {
          places.add(i);
        }
      }
      for (int from = 0; from < places.size(); from += AT_ONCE) {
        find(visits, places.subList(from, Math.min(from + AT_ONCE, places.size())), onFresh);
      }
    }
  }

  private void find(List<Visit<V>> visits, List<Integer> places, ObjIntConsumer<Found<V>> onFresh) {
    List<RemoteKey> asked =
        places.stream().map(place -> ((RedisVisit<V>) visits.get(place)).key()).toList();
    List<Reply> replies = calls.ask(redis -> redis.read(asked));
    for (int i = 0; replies != null && i < replies.size(); i++) {
      int place = places.get(i);
      Found<V> found = ((RedisVisit<V>) visits.get(place)).accept(replies.get(i));
      if (found != null) {
        onFresh.accept(found, place);
      }
    }
  }

  @Override
  public List<@Nullable Found<V>> leaseAll(List<Visit<V>> visits) {
    return batches.leaseAll(visits);
  }

  @Override
  public List<Visit.Fill> fillAll(List<Store<V>> stores) {
    return batches.fillAll(stores);
  }

  @Override
  public void releaseAll(List<Visit<V>> visits) {
    batches.releaseAll(visits);
  }

  @Override
  public boolean mark(Tag tag) {
    if (calls.breaker().isClosed() && send(tag)) {
      return true;
    }
    later(pending.add(tag));
    return false;
  }

  private boolean send(Tag tag) {
    start();
    String id = link.newId();
    Reply reply = calls.send(each -> each.mark(keys.get(0), id, tag));
    if (reply == null) {
      return false;
    }
    backplane.applyMark(reply.genesis(), reply.sequence(), id, tag);
    return marks.reading().genesis() == reply.genesis();
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
    if (evictsAtWill) {
      return Health.of(
          Health.Status.DEGRADED,
          "maxmemory-policy of Redis at "
              + address
              + " must not be allkeys-*, as it may evict the state of the cache, and all entries with"
              + " it; use volatile-lru");
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
    backplane.close();
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
    disconnect.run();
  }

  // What the recovery needs.

  @Override
  public boolean probe() {
    for (ShardKeys each : keys) {
      if (calls.send(redis -> redis.probe(each)) == null) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean remove(RemoteKey key) {
    return calls.send(redis -> redis.invalidate(key, null)) != null;
  }

  /** {@inheritDoc} The mark must be known here before its wait ends. */
  @Override
  public boolean deliver(Tag tag) {
    return send(tag);
  }

  @Override
  public boolean catchUp() {
    return backplane.syncAll();
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

  boolean isConfirmed() {
    return backplane.isClockConfirmed();
  }

  /** Catches up with a history that is not the known one; the clock is likely another as well. */
  boolean sync(Shard shard) {
    return backplane.sync(shard) && backplane.syncClock();
  }

  /** Says whether a value is valid that was found in a visit that began then. */
  Marks.Verdict judge(Found<V> found, long localThen) {
    if (found.then().genesis() != marks.reading().genesis() && !backplane.syncClock()) {
      return Marks.Verdict.DEAD;
    }
    if (pending.covers(found.tags())) {
      return Marks.Verdict.DEAD;
    }
    Marks.Reading then = new Marks.Reading(found.then().genesis(), found.then().clock(), localThen);
    return marks.judge(then, found.tags());
  }

  /** Notes that an operation did without the tier, which is to come back. */
  void missed() {
    recovery.wakeUp();
  }

  void removeLater(RemoteKey key) {
    later(pending.add(key));
  }

  private void later(boolean tooMany) {
    if (tooMany) {
      notices.tell(
          "removals-overflowed",
          Event.Severity.WARNING,
          "too many removals wait for Redis at "
              + address
              + "; it is not used until all entries of the cache are invalidated there");
    }
    recovery.wakeUp();
  }

  void hold(RedisVisit<V> visit) {
    leases.add(visit);
  }

  void letGo(RedisVisit<V> visit) {
    leases.remove(visit);
  }

  byte[] newToken() {
    return ByteBuffer.allocate(16).putLong(node).putLong(tokens.incrementAndGet()).array();
  }

  byte[] encode(@Nullable V value, Stamp stamp, byte[] id, long genesis, RemoteKey key)
      throws CodingException {
    return codec.encode(value, stamp, id, genesis, key.context());
  }

  boolean isOfThisClock(Found<V> found) {
    return found.then().genesis() == marks.reading().genesis();
  }

  long wallMillis() {
    return time.currentTimeMillis();
  }

  Found<V> decode(byte[] stored, RemoteKey key) throws CodingException {
    return codec.decode(stored, time.currentTimeMillis(), key.context());
  }

  /** Returns how long Redis keeps an entry: as long as it may be of use to anybody. */
  static long keepMillis(Stamp stamp) {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(stamp.freshNanos() + stamp.staleNanos()));
  }
}
