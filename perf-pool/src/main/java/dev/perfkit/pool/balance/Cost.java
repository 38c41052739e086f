package dev.perfkit.pool.balance;

import dev.perfkit.spi.Beta;

/** What one more piece of work would cost at an endpoint; only the order of the costs matters. */
@Beta
@FunctionalInterface
public interface Cost {

  /** Returns the cost, 0 or more. */
  double of(Endpoint endpoint);

  /** Returns whether it looks at {@link Endpoint#responseNanos}, which costs a clock to know. */
  default boolean readsResponseTimes() {
    return false;
  }

  /** Returns the work in flight for each unit of weight: least connections. */
  static Cost inFlight() {
    return endpoint -> (endpoint.inFlight() + 1) / endpoint.weight();
  }

  /**
   * Returns the time that the work in flight will take: the {@linkplain Load peak-sensitive
   * average} of response times, multiplied by the work in flight and the one more. An endpoint
   * without a time is tried first.
   */
  static Cost responseTime() {
    return new Cost() {
      @Override
      public double of(Endpoint endpoint) {
        return endpoint.responseNanos() * (endpoint.inFlight() + 1) / endpoint.weight();
      }

      @Override
      public boolean readsResponseTimes() {
        return true;
      }
    };
  }
}
