package dev.perfkit.pool.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/**
 * Proves of each strategy: whatever it chooses will do, and something is chosen if anything will
 * do; and how it distributes, by exact sequences where it is determined and by counts where it
 * draws.
 */
class BalancerTest {

  private static final int DRAWS = 30_000;

  private record Server(
      String name, boolean eligible, int inFlight, double weight, double responseNanos)
      implements Endpoint {

    static Server of(String name, int inFlight) {
      return new Server(name, true, inFlight, 1, 0);
    }

    static Server weighing(String name, double weight) {
      return new Server(name, true, 0, weight, 0);
    }
  }

  private static List<Balancer> all() {
    return List.of(
        Balancer.powerOfTwo(Cost.inFlight()),
        Balancer.powerOfTwo(Cost.responseTime()),
        Balancer.least(Cost.inFlight()),
        Balancer.least(Cost.responseTime()),
        Balancer.roundRobin(),
        Balancer.smoothWeightedRoundRobin(),
        Balancer.random());
  }

  @Provide
  Arbitrary<List<Server>> servers() {
    return Combinators.combine(
            Arbitraries.of(true, false),
            Arbitraries.integers().between(0, 20),
            Arbitraries.doubles().between(0.01, 100),
            Arbitraries.doubles().between(0, 1e9))
        .as((eligible, load, weight, time) -> new Server("s", eligible, load, weight, time))
        .list()
        .ofMaxSize(8);
  }

  @Property
  void choose_anyServers_isOneThatWillDoIfThereIsOne(@ForAll("servers") List<Server> servers) {
    for (Balancer balancer : all()) {
      for (int i = 0; i < 5; i++) {
        Server chosen = balancer.choose(servers, server -> server.inFlight() % 3 != 0);
        List<Server> fit =
            servers.stream().filter(s -> s.eligible() && s.inFlight() % 3 != 0).toList();
        if (fit.isEmpty()) {
          assertThat(chosen).isNull();
        } else {
          assertThat(fit).contains(chosen);
        }
      }
    }
  }

  @Property
  void least_anyServers_isTheCheapest(@ForAll("servers") List<Server> servers) {
    Cost cost = Cost.inFlight();
    servers.stream()
        .filter(Server::eligible)
        .mapToDouble(cost::of)
        .min()
        .ifPresent(
            min -> assertThat(cost.of(chosen(Balancer.least(cost), servers))).isEqualTo(min));
  }

  private static Server chosen(Balancer balancer, List<Server> servers) {
    return Objects.requireNonNull(balancer.choose(servers, any -> true));
  }

  private static Map<String, Integer> counts(Balancer balancer, List<Server> servers, int draws) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < draws; i++) {
      counts.merge(chosen(balancer, servers).name(), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void roundRobin_threeServers_takesTurns() {
    List<Server> servers = List.of(Server.of("a", 9), Server.of("b", 0), Server.of("c", 0));
    assertThat(counts(Balancer.roundRobin(), servers, 300))
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", 100, "b", 100, "c", 100));
  }

  @Test
  void smoothWeighted_fiveOneOne_isTheSequenceOfNginx() {
    List<Server> servers =
        List.of(Server.weighing("a", 5), Server.weighing("b", 1), Server.weighing("c", 1));
    Balancer balancer = Balancer.smoothWeightedRoundRobin();
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      chosen.add(chosen(balancer, servers).name());
    }
    assertThat(String.join("", chosen)).isEqualTo("aabacaa".repeat(2));
  }

  @Test
  void random_threeServers_isEven() {
    List<Server> servers = List.of(Server.of("a", 9), Server.of("b", 0), Server.of("c", 0));
    counts(Balancer.random(), servers, DRAWS)
        .forEach((name, count) -> assertThat(count).isCloseTo(DRAWS / 3, within(DRAWS / 30)));
  }

  @Test
  void powerOfTwo_threeLoads_choosesByChanceOfTheDraw() {
    // Of two out of three: the worst never, the middle one if drawn with the worst, else the best.
    List<Server> servers = List.of(Server.of("best", 0), Server.of("middle", 5), Server.of("w", 9));
    Map<String, Integer> counts = counts(Balancer.powerOfTwo(Cost.inFlight()), servers, DRAWS);
    assertThat(counts).doesNotContainKey("w");
    assertThat(counts.get("best")).isCloseTo(DRAWS * 2 / 3, within(DRAWS / 30));
  }

  @Test
  void powerOfTwo_someWillNotDo_drawsFairlyFromTheRest() {
    List<Server> servers = new ArrayList<>();
    servers.add(new Server("out", false, 0, 1, 0));
    servers.add(new Server("out", false, 0, 1, 0));
    for (int i = 0; i < 4; i++) {
      servers.add(Server.of("s" + i, 0));
    }
    Map<String, Integer> counts = counts(Balancer.powerOfTwo(Cost.inFlight()), servers, DRAWS);
    assertThat(counts).hasSize(4);
    counts.forEach((name, count) -> assertThat(count).isBetween(DRAWS / 8, DRAWS * 3 / 8));
  }

  @Test
  void cost_weight_sharesTheLoad() {
    Server light = new Server("light", true, 2, 1, 0);
    Server heavy = new Server("heavy", true, 5, 3, 0);
    assertThat(Cost.inFlight().of(heavy)).isLessThan(Cost.inFlight().of(light));
  }

  @Test
  void cost_responseTime_countsTheQueue() {
    Server fastAndBusy = new Server("a", true, 9, 1, 1_000);
    Server slowAndIdle = new Server("b", true, 0, 1, 5_000);
    assertThat(Cost.responseTime().of(slowAndIdle)).isLessThan(Cost.responseTime().of(fastAndBusy));
    assertThat(Balancer.powerOfTwo(Cost.responseTime()).readsResponseTimes()).isTrue();
    assertThat(Balancer.powerOfTwo(Cost.inFlight()).readsResponseTimes()).isFalse();
  }

  @Test
  void load_peak_countsAtOnceAndDecays() {
    FakeTimeSource time = FakeTimeSource.create();
    Load load = Load.timed(time);
    work(load, time, Duration.ofMillis(10), false);
    assertThat(load.responseNanos()).isEqualTo(10e6);
    work(load, time, Duration.ofMillis(500), false);
    assertThat(load.responseNanos()).isEqualTo(500e6);
    time.advance(Duration.ofSeconds(Load.HALF_LIFE_SECONDS));
    double half = 250e6;
    assertThat(load.responseNanos()).isCloseTo(half, within(half / 1_000));
    work(load, time, Duration.ofMillis(10), false);
    assertThat(load.responseNanos()).isCloseTo(10e6 + 245e6, within(1e6));
  }

  @Test
  void load_failure_countsAsSlowHoweverFast() {
    FakeTimeSource time = FakeTimeSource.create();
    Load load = Load.timed(time);
    work(load, time, Duration.ofMillis(1), true);
    assertThat(load.responseNanos()).isEqualTo(Load.FAILURE_MILLIS * 1e6);
  }

  @Test
  void load_begun_countsBeforeItEnds() {
    Load load = Load.counted();
    long first = load.begin();
    long second = load.begin();
    assertThat(load.inFlight()).isEqualTo(2);
    load.end(first, false);
    load.end(second, true);
    assertThat(load.inFlight()).isZero();
    assertThat(load.responseNanos()).isZero();
  }

  private static void work(Load load, FakeTimeSource time, Duration took, boolean failed) {
    long begun = load.begin();
    time.advance(took);
    load.end(begun, failed);
  }
}
