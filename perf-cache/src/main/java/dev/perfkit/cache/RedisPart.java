package dev.perfkit.cache;

import java.util.List;
import java.util.stream.Stream;

/**
 * A part of Redis that comes back as one: the shards, and the clock, that one breaker guards.
 *
 * @param clock whether the marks of tags go there, and with them a sweep of everything
 */
record RedisPart(
    RedisCalls calls,
    RedisLink link,
    Backplane backplane,
    List<Shard> shards,
    List<ShardKeys> keys,
    boolean clock,
    Freshness freshness,
    Marking marking)
    implements Recovery.Sender {

  /** Sends the mark of a tag, and applies it here; false if it was not acknowledged. */
  @FunctionalInterface
  interface Marking {
    boolean send(Tag tag, List<String> freshness);
  }

  /** Returns the parts that the lanes lead to. */
  static List<RedisPart> of(
      Lanes lanes,
      Backplane backplane,
      List<Shard> shards,
      KeyLayout<?> layout,
      Freshness freshness,
      Marking marking) {
    return lanes.all().stream()
        .map(
            lane -> {
              boolean clock = lane == lanes.clock();
              Stream<ShardKeys> ofShards =
                  layout.shards().stream().filter(each -> lanes.of(each) == lane);
              List<ShardKeys> keys =
                  Stream.concat(ofShards, Stream.of(layout.clock()).filter(each -> clock))
                      .distinct()
                      .toList();
              List<Shard> mine = shards.stream().filter(each -> lanes.of(each) == lane).toList();
              return new RedisPart(
                  lane, lane.link(), backplane, mine, keys, clock, freshness, marking);
            })
        .toList();
  }

  @Override
  public boolean probe() {
    calls.refresh();
    for (ShardKeys each : keys) {
      if (calls.send(redis -> redis.probe(each)) == null) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean has(RemoteKey key) {
    return keys.contains(key.shard());
  }

  @Override
  public boolean hasClock() {
    return clock;
  }

  @Override
  public boolean remove(RemoteKey key) {
    return calls.send(redis -> redis.invalidate(key, null, freshness.of(key))) != null;
  }

  /** {@inheritDoc} The mark must be known here before its wait ends. */
  @Override
  public boolean deliver(Tag tag) {
    return marking.send(tag, freshness.of(tag));
  }

  @Override
  public boolean catchUp() {
    boolean all = !clock || backplane.syncClock();
    for (Shard shard : shards) {
      all &= backplane.sync(shard);
    }
    return all;
  }
}
