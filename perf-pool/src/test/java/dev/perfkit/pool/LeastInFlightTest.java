package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Proves that work goes to whoever has least of it and may take it, and that equals take turns. */
class LeastInFlightTest {

  private record Server(int id, boolean eligible, int inFlight) implements Endpoint {}

  @Property
  void choose_anyLoads_isTheLeastOfTheEligible(
      @ForAll @Size(max = 6) List<@IntRange(max = 9) Integer> loads, @ForAll int seed) {
    List<Server> servers = new ArrayList<>();
    for (int i = 0; i < loads.size(); i++) {
      servers.add(new Server(i, ((seed >> i) & 1) == 0, loads.get(i)));
    }
    Server chosen = new LeastInFlight().choose(servers, any -> true);
    List<Server> eligible = servers.stream().filter(Server::eligible).toList();
    if (eligible.isEmpty()) {
      assertThat(chosen).isNull();
    } else {
      int least = eligible.stream().mapToInt(Server::inFlight).min().orElseThrow();
      assertThat(chosen).isIn(eligible);
      assertThat(chosen).extracting(Server::inFlight).isEqualTo(least);
    }
  }

  @Test
  void choose_equalLoads_takeTurns() {
    List<Server> servers =
        List.of(new Server(0, true, 0), new Server(1, true, 0), new Server(2, true, 0));
    Balancer balancer = new LeastInFlight();
    int[] counts = new int[3];
    for (int i = 0; i < 300; i++) {
      Server chosen = balancer.choose(servers, any -> true);
      for (int s = 0; s < 3; s++) {
        counts[s] += servers.get(s).equals(chosen) ? 1 : 0;
      }
    }
    assertThat(counts).containsExactly(100, 100, 100);
  }

  @Test
  void choose_notAllowed_isPassedOver() {
    Server busy = new Server(0, true, 5);
    Server free = new Server(1, true, 0);
    assertThat(new LeastInFlight().choose(List.of(busy, free), server -> !server.equals(free)))
        .isSameAs(busy);
  }
}
