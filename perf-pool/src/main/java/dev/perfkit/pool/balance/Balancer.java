package dev.perfkit.pool.balance;

import dev.perfkit.spi.Beta;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the endpoint for one piece of work; own strategies implement it. Safe for use by any
 * number of threads, and for one list of endpoints: those with a memory mix up several.
 */
@Beta
public interface Balancer {

  /**
   * Returns one of the endpoints that are eligible and pass, or null if there is none.
   *
   * @param endpoints may change between calls; none is kept that has left
   * @param allowed asked at most once or twice for an endpoint
   */
  <E extends Endpoint> @Nullable E choose(List<E> endpoints, Predicate<? super E> allowed);

  /** Returns whether it looks at {@link Endpoint#responseNanos}, which costs a clock to know. */
  default boolean readsResponseTimes() {
    return false;
  }

  /**
   * Returns the cheaper one of two that are drawn at random, which spreads load nearly as well as
   * the cheapest of all and does not send everybody to the same one at once.
   */
  static Balancer powerOfTwo(Cost cost) {
    return new PowerOfTwo(Objects.requireNonNull(cost, "cost"));
  }

  /** Returns the cheapest of all; equals take turns. */
  static Balancer least(Cost cost) {
    return new Least(Objects.requireNonNull(cost, "cost"));
  }

  /** Returns one after the other. */
  static Balancer roundRobin() {
    return new RoundRobin();
  }

  /**
   * Returns each as often as its weight says, spread as evenly as possible: the smooth weighted
   * round robin of nginx.
   */
  static Balancer smoothWeightedRoundRobin() {
    return new SmoothWeighted();
  }

  /** Returns any, with equal chances. */
  static Balancer random() {
    return new AtRandom();
  }
}
