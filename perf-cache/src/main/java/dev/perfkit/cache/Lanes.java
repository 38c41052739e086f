package dev.perfkit.cache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ways to the parts of Redis, each with a breaker of its own, as each fails and comes back on
 * its own. A single Redis is one; of a cluster each shard is one, and the clock.
 */
final class Lanes {

  private final List<RedisCalls> shards;
  private final RedisCalls clock;

  /**
   * @param shards in their order; the same one several times if they share a fate
   */
  private Lanes(List<RedisCalls> shards, RedisCalls clock) {
    this.shards = List.copyOf(shards);
    this.clock = clock;
  }

  /**
   * Returns one lane for a single shard with the clock, or one for each shard and for the clock.
   *
   * @param lanes makes one, given what to add to the address of Redis in messages
   */
  static Lanes of(int shards, Function<String, RedisCalls> lanes) {
    if (shards == 1) {
      RedisCalls only = lanes.apply("");
      return new Lanes(List.of(only), only);
    }
    List<RedisCalls> ofShards = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      ofShards.add(lanes.apply(" (shard " + i + " of " + shards + ")"));
    }
    return new Lanes(ofShards, lanes.apply(" (the clock)"));
  }

  RedisCalls of(ShardKeys shard) {
    return shard.index() == ShardKeys.OF_CLOCK ? clock : shards.get(shard.index());
  }

  RedisCalls of(Shard shard) {
    return shards.get(shard.index());
  }

  RedisCalls clock() {
    return clock;
  }

  /**
   * Takes steps in one round trip to each server.
   *
   * @return for each what was answered; null if nothing was
   */
  <T> List<@Nullable T> askAll(List<RedisLink.Step> steps, Function<Object, T> parse) {
    List<@Nullable T> answers = new ArrayList<>(Arrays.asList(newArray(steps.size())));
    if (steps.isEmpty()) {
      return answers;
    }
    List<Object> raw = new ArrayList<>();
    if (clock == shards.get(0)) {
      Boolean unused = clock.ask(link -> raw.addAll(link.sendAll(steps)));
    } else {
      Boolean unused = of(steps.get(0).shard()).take(link -> raw.addAll(link.sendAll(steps)));
    }
    Map<RedisCalls, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < raw.size(); i++) {
      places.computeIfAbsent(of(steps.get(i).shard()), lane -> new ArrayList<>()).add(i);
    }
    places.forEach((lane, ofLane) -> take(lane, ofLane, steps, raw, parse, answers));
    return answers;
  }

  private static <T> void take(
      RedisCalls lane,
      List<Integer> places,
      List<RedisLink.Step> steps,
      List<Object> raw,
      Function<Object, T> parse,
      List<@Nullable T> answers) {
    Boolean unused =
        lane.take(
            link -> {
              for (int place : places) {
                Object answer = link.answer(steps.get(place), raw.get(place));
                answers.set(place, answer == null ? null : parse.apply(answer));
              }
              return true;
            });
  }

  @SuppressWarnings("unchecked") // only ever holds null
  private static <T> @Nullable T[] newArray(int size) {
    return (T[]) new Object[size];
  }

  /** Returns each once. */
  List<RedisCalls> all() {
    return Stream.concat(shards.stream(), Stream.of(clock)).distinct().toList();
  }

  /** Returns those that are closed to operations now. */
  List<RedisCalls> away() {
    return all().stream().filter(each -> !each.breaker().isClosed()).toList();
  }
}
