package dev.perfkit.pool.balance;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The cheapest of all; equals take turns. */
final class Least implements Balancer {

  private final Cost cost;
  private final AtomicInteger turn = new AtomicInteger();

  Least(Cost cost) {
    this.cost = cost;
  }

  @Override
  public boolean readsResponseTimes() {
    return cost.readsResponseTimes();
  }

  @Override
  public <E extends Endpoint> @Nullable E choose(List<E> endpoints, Predicate<? super E> allowed) {
    int size = endpoints.size();
    int start = size > 1 ? Math.floorMod(turn.getAndIncrement(), size) : 0;
    E best = null;
    double least = 0;
    for (int i = 0; i < size; i++) {
      E candidate = endpoints.get((start + i) % size);
      double price = cost.of(candidate);
      boolean cheaper = best == null || price < least;
      if (cheaper && candidate.eligible() && allowed.test(candidate)) {
        best = candidate;
        least = price;
      }
    }
    return best;
  }
}
