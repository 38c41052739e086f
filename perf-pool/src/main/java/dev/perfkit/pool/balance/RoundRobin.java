package dev.perfkit.pool.balance;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One after the other. */
final class RoundRobin implements Balancer {

  private final AtomicInteger turn = new AtomicInteger();

  @Override
  public <E extends Endpoint> @Nullable E choose(List<E> endpoints, Predicate<? super E> allowed) {
    int size = endpoints.size();
    for (int i = 0; i < size; i++) {
      E candidate = endpoints.get(Math.floorMod(turn.getAndIncrement(), size));
      if (candidate.eligible() && allowed.test(candidate)) {
        return candidate;
      }
    }
    // Other threads may have taken the turns of the one that would do.
    for (E candidate : endpoints) {
      if (candidate.eligible() && allowed.test(candidate)) {
        return candidate;
      }
    }
    return null;
  }
}
