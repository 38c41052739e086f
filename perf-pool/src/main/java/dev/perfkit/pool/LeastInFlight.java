package dev.perfkit.pool;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Chooses the endpoint with the least work in flight; equals take turns. */
final class LeastInFlight implements Balancer {

  private final AtomicInteger turn = new AtomicInteger();

  @Override
  public <E extends Endpoint> @Nullable E choose(List<E> endpoints, Predicate<? super E> allowed) {
    int size = endpoints.size();
    int start = size > 1 ? Math.floorMod(turn.getAndIncrement(), size) : 0;
    E best = null;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      E candidate = endpoints.get((start + i) % size);
      int load = candidate.inFlight();
      if (load < least && candidate.eligible() && allowed.test(candidate)) {
        best = candidate;
        least = load;
      }
    }
    return best;
  }
}
