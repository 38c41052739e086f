package dev.perfkit.cache;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** Steps about many keys that are sent together. What fails for one key fails for that one. */
final class RedisBatches<V> {

  /**
   * The most steps of one round trip, as their answers are held until the last one came, and the
   * most keys of one look-up, as Redis does nothing else meanwhile.
   */
  private static final int AT_ONCE = 500;

  /** One for each shard. */
  private static final int LOOK_UPS_AT_ONCE = KeyLayout.SHARDS_OF_CLUSTER;

  private final Lanes lanes;

  RedisBatches(Lanes lanes) {
    this.lanes = lanes;
  }

  /** Looks keys up; tells the places of those that are there and fresh. */
  void findAll(List<Visit<V>> visits, ObjIntConsumer<Found<V>> onFresh) {
    Map<Integer, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < visits.size(); i++) {
      RedisVisit<V> visit = redis(visits.get(i));
      if (visit.mayBelieve()) {
        places.computeIfAbsent(visit.key().shard().index(), shard -> new ArrayList<>()).add(i);
      }
    }
    List<List<Integer>> chunks = new ArrayList<>();
    places.values().forEach(ofShard -> split(ofShard, chunks));
    for (int from = 0; from < chunks.size(); from += LOOK_UPS_AT_ONCE) {
      int to = Math.min(chunks.size(), from + LOOK_UPS_AT_ONCE);
      find(visits, chunks.subList(from, to), onFresh);
    }
  }

  private static void split(List<Integer> places, List<List<Integer>> chunks) {
    for (int from = 0; from < places.size(); from += AT_ONCE) {
      chunks.add(places.subList(from, Math.min(from + AT_ONCE, places.size())));
    }
  }

  private void find(
      List<Visit<V>> visits, List<List<Integer>> chunks, ObjIntConsumer<Found<V>> onFresh) {
    RedisLink link = lanes.clock().link();
    List<RedisLink.Step> steps =
        chunks.stream()
            .map(chunk -> chunk.stream().map(place -> redis(visits.get(place)).key()).toList())
            .map(link::reading)
            .toList();
    List<@Nullable List<Reply>> answers = lanes.askAll(steps, Reply::each);
    for (int c = 0; c < chunks.size(); c++) {
      List<Reply> replies = answers.get(c);
      for (int i = 0; replies != null && i < replies.size(); i++) {
        int place = chunks.get(c).get(i);
        Found<V> found = redis(visits.get(place)).accept(replies.get(i));
        if (found != null) {
          onFresh.accept(found, place);
        }
      }
    }
  }

  /** Takes the leases; returns what was found for each. */
  List<@Nullable Found<V>> leaseAll(List<Visit<V>> visits) {
    List<@Nullable Reply> replies =
        send(visits.size(), (link, i) -> redis(visits.get(i)).leasing(link));
    List<@Nullable Found<V>> found = new ArrayList<>();
    for (int i = 0; i < visits.size(); i++) {
      found.add(redis(visits.get(i)).leased(replies.get(i)));
    }
    return found;
  }

  /** Stores what was loaded; returns what became of each. */
  List<Visit.Fill> fillAll(List<Remote.Store<V>> stores) {
    List<@Nullable Reply> replies =
        send(
            stores.size(),
            (link, i) -> {
              Remote.Store<V> store = stores.get(i);
              return redis(store.visit()).ending(link, store.value(), store.stamp());
            });
    List<Visit.Fill> fills = new ArrayList<>();
    for (int i = 0; i < stores.size(); i++) {
      RedisVisit<V> visit = redis(stores.get(i).visit());
      fills.add(visit.isLeased() ? visit.ended(replies.get(i)) : Visit.Fill.NOT_STORED);
    }
    return fills;
  }

  /** Gives back the leases that are still held. */
  void releaseAll(List<Visit<V>> visits) {
    List<Visit<V>> leased = visits.stream().filter(Visit::isLeased).toList();
    List<@Nullable Reply> replies =
        send(leased.size(), (link, i) -> redis(leased.get(i)).releasing(link));
    for (int i = 0; i < leased.size(); i++) {
      Visit.Fill unused = redis(leased.get(i)).ended(replies.get(i));
    }
  }

  /** Sends the steps that there are; null for those without an answer. */
  private List<@Nullable Reply> send(
      int count, BiFunction<RedisLink, Integer, RedisLink.@Nullable Step> steps) {
    List<@Nullable Reply> replies = new ArrayList<>();
    for (int from = 0; from < count; from += AT_ONCE) {
      replies.addAll(send(from, Math.min(count, from + AT_ONCE), steps));
    }
    return replies;
  }

  private List<@Nullable Reply> send(
      int from, int to, BiFunction<RedisLink, Integer, RedisLink.@Nullable Step> steps) {
    List<RedisLink.@Nullable Step> all = new ArrayList<>();
    List<RedisLink.Step> sent = new ArrayList<>();
    for (int i = from; i < to; i++) {
      RedisLink.Step step = steps.apply(lanes.clock().link(), i);
      all.add(step);
      if (step != null) {
        sent.add(step);
      }
    }
    List<@Nullable Reply> answers = lanes.askAll(sent, Reply::of);
    List<@Nullable Reply> replies = new ArrayList<>();
    int next = 0;
    for (RedisLink.Step step : all) {
      replies.add(step == null ? null : answers.get(next++));
    }
    return replies;
  }

  private RedisVisit<V> redis(Visit<V> visit) {
    return (RedisVisit<V>) visit;
  }
}
