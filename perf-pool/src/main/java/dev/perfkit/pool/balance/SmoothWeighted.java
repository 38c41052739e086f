package dev.perfkit.pool.balance;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * nginx's smooth weighted round robin: in each turn every endpoint that will do gains its weight,
 * and the one with the most is chosen and pays what all have gained.
 */
final class SmoothWeighted implements Balancer {

  private final ReentrantLock lock = new ReentrantLock();
  private final IdentityHashMap<Endpoint, Double> gained = new IdentityHashMap<>();

  @Override
  public <E extends Endpoint> @Nullable E choose(List<E> endpoints, Predicate<? super E> allowed) {
    lock.lock();
    try {
      E best = null;
      double most = 0;
      double total = 0;
      for (E candidate : endpoints) {
        if (!candidate.eligible() || !allowed.test(candidate)) {
          continue;
        }
        double weight = candidate.weight();
        double now = gained.merge(candidate, weight, Double::sum);
        total += weight;
        if (best == null || now > most) {
          best = candidate;
          most = now;
        }
      }
      if (best != null) {
        gained.put(best, most - total);
        forgetWhoLeft(endpoints);
      }
      return best;
    } finally {
      lock.unlock();
    }
  }

  private void forgetWhoLeft(List<? extends Endpoint> endpoints) {
    if (gained.size() > 2 * endpoints.size()) {
      gained.keySet().removeIf(known -> endpoints.stream().noneMatch(one -> one == known));
    }
  }
}
