package dev.perfkit.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Steps about many keys that are sent together. What fails for one key fails for that one. */
final class RedisBatches<V> {

  /** The most steps of one round trip: their answers are held until the last one came. */
  private static final int AT_ONCE = 500;

  private final RedisCalls calls;

  RedisBatches(RedisCalls calls) {
    this.calls = calls;
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
      RedisLink.Step step = steps.apply(calls.link(), i);
      all.add(step);
      if (step != null) {
        sent.add(step);
      }
    }
    List<@Nullable Reply> answers = sent.isEmpty() ? null : calls.ask(link -> link.all(sent));
    List<@Nullable Reply> replies = new ArrayList<>();
    int next = 0;
    for (RedisLink.Step step : all) {
      replies.add(answers == null || step == null ? null : answers.get(next++));
    }
    return replies;
  }

  private RedisVisit<V> redis(Visit<V> visit) {
    return (RedisVisit<V>) visit;
  }
}
