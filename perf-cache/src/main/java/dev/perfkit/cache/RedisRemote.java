package dev.perfkit.cache;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.TimeSource;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** Redis as the tier behind memory. */
final class RedisRemote<K, V> implements Remote<K, V> {

  private final KeyLayout<K> layout;
  private final List<Shard> shards;
  private final Marks marks;
  private final RedisLink link;
  private final Lanes lanes;
  private final Backplane backplane;
  private final ValueCodec<V> codec;
  private final PendingRemovals pending;
  private final List<Recovery> recoveries;
  private final ScheduledExecutorService scheduler;
  private final RedisTier.Settings settings;
  private final TimeSource time;
  private final Tallies tallies;
  private final Notices notices;
  private final String address;
  private final Runnable disconnect;
  private final RedisBatches<V> batches;
  private final Freshness freshness;
  private final Set<RedisVisit<V>> leases = ConcurrentHashMap.newKeySet();
  private final long node = new SecureRandom().nextLong();
  private final AtomicLong tokens = new AtomicLong();
  private volatile boolean evictsAtWill;

  RedisRemote(Parts<K, V> parts) {
    this.layout = parts.layout();
    this.shards = parts.shards();
    this.marks = parts.marks();
    this.link = parts.link();
    this.lanes = parts.lanes();
    this.backplane = parts.backplane();
    this.codec = parts.codec();
    this.settings = parts.settings();
    this.scheduler = parts.scheduler();
    this.time = parts.time();
    this.tallies = parts.tallies();
    this.notices = parts.notices();
    this.address = parts.address();
    this.disconnect = parts.disconnect();
    this.batches = new RedisBatches<>(lanes);
    this.pending = new PendingRemovals(settings.pendingRemovals);
    this.freshness = parts.freshness();
    this.recoveries =
        RedisPart.of(lanes, backplane, shards, layout, freshness, this::send).stream()
            .map(part -> Recovery.of(part, pending, notices, scheduler, settings.retryAfter))
            .toList();
  }

  /** What it is made of. */
  record Parts<K, V>(
      KeyLayout<K> layout,
      List<Shard> shards,
      Marks marks,
      RedisLink link,
      Lanes lanes,
      Backplane backplane,
      ValueCodec<V> codec,
      RedisTier.Settings settings,
      ScheduledExecutorService scheduler,
      TimeSource time,
      Tallies tallies,
      Notices notices,
      Freshness freshness,
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
    boolean known = shard.isIntroduced() || introduce(remoteKey.shard(), shard);
    RedisVisit<V> visit = new RedisVisit<>(this, remoteKey, shard, marks.reading().local());
    if (!known) {
      tallies.remoteSkipped.increment();
      visit.miss();
    }
    return visit;
  }

  /**
   * Learns, before the first use, what is invalidated, unless the backplane was faster; what is
   * older than that is not believed.
   */
  private boolean introduce(ShardKeys where, Shard shard) {
    RedisCalls lane = lanes.of(where);
    boolean near = lane.breaker().isClosed() && backplane.isClockConfirmed();
    if (!shard.isConfirmed() && (!near || !backplane.sync(shard))) {
      return false;
    }
    Boolean evicts = lane.ask(each -> each.evictsAtWill(where));
    if (evicts != null) {
      evictsAtWill = evictsAtWill || evicts;
      shard.introduce();
    }
    return true;
  }

  private void start() {
    backplane.start(scheduler, settings.heartbeat.toNanos(), this::beat);
  }

  /** It may be a heartbeat that finds Redis away, while every read is a hit in memory. */
  private void beat() {
    leases.forEach(RedisVisit::renew);
    missed();
  }

  @Override
  public Shard shard(K key) {
    return shards.get(layout.of(key).shard().index());
  }

  @Override
  public void pause() {
    long now = time.nanoTime();
    if (lanes.all().stream().filter(lane -> lane.breaker().pause(now)).count() > 0) {
      notices.tell(
          "remote-paused", Event.Severity.INFO, "Redis at " + address + " is left alone, as told");
    }
  }

  @Override
  public void resume() {
    lanes.all().forEach(lane -> lane.breaker().resume());
    missed();
  }

  @Override
  public void findAll(List<Visit<V>> visits, ObjIntConsumer<Found<V>> onFresh) {
    batches.findAll(visits, onFresh);
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
  public boolean mark(Tag tag, List<String> tokens) {
    if (lanes.clock().breaker().isClosed() && send(tag, tokens)) {
      return true;
    }
    freshness.note(tag, tokens);
    later(pending.add(tag));
    return false;
  }

  private boolean send(Tag tag, List<String> tokens) {
    start();
    String id = link.newId();
    Reply reply = lanes.clock().send(each -> each.mark(layout.clock(), id, tag, tokens));
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
    return RedisHealth.of(lanes, pending, address, evictsAtWill, time.nanoTime())
        .with("stalenessBound", settings.timeToLiveWhileAway.toString());
  }

  @Override
  public void close() {
    backplane.close();
    recoveries.forEach(Recovery::close);
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

  // What visits need.

  RedisCalls calls(RemoteKey key) {
    return lanes.of(key.shard());
  }

  Tallies tallies() {
    return tallies;
  }

  /** Returns whether the tier may be asked about a key. */
  boolean mayAsk(RemoteKey key) {
    return calls(key).breaker().isClosed() && !pending.covers(key);
  }

  boolean isConfirmed() {
    return backplane.isClockConfirmed();
  }

  /** Catches up with a history that is not the known one; the clock is likely another as well. */
  boolean sync(Shard shard) {
    return backplane.sync(shard) && syncClock();
  }

  private boolean syncClock() {
    return lanes.clock().breaker().isClosed() && backplane.syncClock();
  }

  /** Says whether a value is valid that was found in a visit that began then. */
  Marks.Verdict judge(Found<V> found, long localThen) {
    if (found.then().genesis() != marks.reading().genesis() && !syncClock()) {
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
    recoveries.forEach(Recovery::wakeUp);
  }

  Freshness freshness() {
    return freshness;
  }

  void removeLater(RemoteKey key, List<String> tokens) {
    freshness.note(key, tokens);
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
    recoveries.forEach(Recovery::wakeUp);
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
