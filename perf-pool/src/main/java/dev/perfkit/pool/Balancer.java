package dev.perfkit.pool;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the endpoint for one piece of work. Balances any endpoints: nothing here knows JDBC. Safe
 * for use by any number of threads.
 */
@FunctionalInterface
interface Balancer {

  /** Returns one of the eligible endpoints that pass, or null if there is none. */
  <E extends Endpoint> @Nullable E choose(List<E> endpoints, Predicate<? super E> allowed);
}
