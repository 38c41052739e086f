package dev.perfkit.pool;

import dev.perfkit.pool.balance.Endpoint;
import dev.perfkit.pool.balance.Load;

/** What a balancer wants to know of a node. */
abstract class LoadedNode implements Endpoint {

  final Load load;
  private final double weight;
  private volatile boolean lagging;

  LoadedNode(Load load, double weight) {
    this.load = load;
    this.weight = weight;
  }

  @Override
  public final int inFlight() {
    return load.inFlight();
  }

  @Override
  public final double responseNanos() {
    return load.responseNanos();
  }

  @Override
  public final double weight() {
    return weight;
  }

  /** It is too far behind the primary, or no longer. */
  final void lags(boolean lagging) {
    this.lagging = lagging;
  }

  final boolean isBehind() {
    return lagging;
  }
}
