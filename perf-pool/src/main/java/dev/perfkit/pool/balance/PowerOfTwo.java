package dev.perfkit.pool.balance;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The cheaper one of two drawn at random without putting back. Two draws do, nearly always; if one
 * of them will not do, two are drawn fairly out of all that will, in one pass.
 */
final class PowerOfTwo implements Balancer {

  private final Cost cost;

  PowerOfTwo(Cost cost) {
    this.cost = cost;
  }

  @Override
  public boolean readsResponseTimes() {
    return cost.readsResponseTimes();
  }

  @Override
  public <E extends Endpoint> @Nullable E choose(List<E> endpoints, Predicate<? super E> allowed) {
    int size = endpoints.size();
    if (size == 1) {
      E only = endpoints.get(0);
      return only.eligible() && allowed.test(only) ? only : null;
    }
    if (size == 0) {
      return null;
    }
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int one = random.nextInt(size);
    int other = random.nextInt(size - 1);
    E first = endpoints.get(one);
    E second = endpoints.get(other < one ? other : other + 1);
    boolean both =
        first.eligible() && second.eligible() && allowed.test(first) && allowed.test(second);
    return both ? cheaper(first, second) : choose(endpoints, allowed, random);
  }

  private <E extends Endpoint> @Nullable E choose(
      List<E> endpoints, Predicate<? super E> allowed, ThreadLocalRandom random) {
    E first = null;
    E second = null;
    int found = 0;
    for (E candidate : endpoints) {
      if (!candidate.eligible() || !allowed.test(candidate)) {
        continue;
      }
      found++;
      if (first == null) {
        first = candidate;
      } else if (second == null) {
        second = candidate;
      } else {
        int place = random.nextInt(found);
        first = place == 0 ? candidate : first;
        second = place == 1 ? candidate : second;
      }
    }
    if (first == null || second == null) {
      return first;
    }
    // The places are not drawn alike, so equals must be.
    return random.nextBoolean() ? cheaper(first, second) : cheaper(second, first);
  }

  private <E extends Endpoint> E cheaper(E first, E second) {
    return cost.of(second) < cost.of(first) ? second : first;
  }
}
