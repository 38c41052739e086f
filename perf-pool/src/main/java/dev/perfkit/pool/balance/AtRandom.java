package dev.perfkit.pool.balance;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Any, with equal chances: the n-th that will do takes the place of the one so far in one of n. */
final class AtRandom implements Balancer {

  @Override
  public <E extends Endpoint> @Nullable E choose(List<E> endpoints, Predicate<? super E> allowed) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    E chosen = null;
    int found = 0;
    for (E candidate : endpoints) {
      if (candidate.eligible() && allowed.test(candidate) && random.nextInt(++found) == 0) {
        chosen = candidate;
      }
    }
    return chosen;
  }
}
