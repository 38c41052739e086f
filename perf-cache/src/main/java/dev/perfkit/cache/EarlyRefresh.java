package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When a value that is still fresh is loaded anew, in the background: so that a value that is asked
 * often is never missing. Immutable.
 *
 * <p>It happens when a value is read, by the loader of that read, at most once at a time for a key
 * in the whole cluster: whoever does not get the lease at once leaves it to the one who has it. The
 * reader gets the value at hand. A refresh is void if the key, a tag of the value or the cache is
 * invalidated meanwhile.
 */
@Beta
public final class EarlyRefresh {

  static final EarlyRefresh NEVER = new EarlyRefresh(1, 0);

  /** No more than one read in 10^9 draws more: what is farther from its end is not asked. */
  private static final double LONGEST_DRAW = 9 * Math.log(10);

  private final double share;
  private final double beta;

  private EarlyRefresh(double share, double beta) {
    this.share = share;
    this.beta = beta;
  }

  /**
   * Refreshes values that have lived for a share of their time to live.
   *
   * @param share 0.1 to 0.99
   * @throws IllegalArgumentException if it is out of range
   */
  public static EarlyRefresh afterShare(double share) {
    return new EarlyRefresh(Options.between("share", 0.1, 0.99, share), 0);
  }

  /**
   * Refreshes a value the likelier the closer its end and the longer its load takes, which spreads
   * the refreshes of many readers without their knowing of each other: XFetch, a read refreshes
   * when {@code now - cost * beta * ln(u) >= end}, where cost is how long the load of the value
   * took and u is drawn evenly from 0 to 1. Values that were put have no cost, and are not
   * refreshed.
   *
   * <p>A. Vattani, F. Chierichetti, K. Lowenstein: Optimal Probabilistic Cache Stampede Prevention.
   * Proceedings of the VLDB Endowment 8(8), 2015.
   *
   * @param beta 0.1 to 10; 1 is the optimum, more refreshes earlier
   * @throws IllegalArgumentException if it is out of range
   */
  public static EarlyRefresh probabilistic(double beta) {
    return new EarlyRefresh(1, Options.between("beta", 0.1, 10, beta));
  }

  /** Returns for how long before its end a value may be refreshed. */
  long windowNanos(long life, long cost) {
    return Math.min(life, rest(life) + (long) (cost * beta * LONGEST_DRAW));
  }

  /** Decides for one read of a value that has so much of its life left. */
  boolean isDue(long left, long life, long cost) {
    return left <= rest(life) || left <= cost * beta * draw();
  }

  private long rest(long life) {
    return Math.round((1 - share) * life);
  }

  /** Returns -ln(u). */
  private double draw() {
    return beta == 0 ? 0 : -Math.log(1 - ThreadLocalRandom.current().nextDouble());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EarlyRefresh that && share == that.share && beta == that.beta;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(share) * 31 + Double.hashCode(beta);
  }

  @Override
  public String toString() {
    return beta == 0
        ? "EarlyRefresh[after " + share + " of life]"
        : "EarlyRefresh[probabilistic, beta " + beta + "]";
  }
}
