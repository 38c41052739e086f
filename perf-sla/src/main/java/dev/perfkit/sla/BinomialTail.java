package dev.perfkit.sla;

/**
 * The chance of at least so many bad events among so many, if each is bad with the same
 * probability.
 *
 * <p>Summed from its largest term down; that term comes from Stirling's series. A bound of Chernoff
 * saves the sum where the answer is plain.
 */
final class BinomialTail {

  private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
  private static final double NEGLIGIBLE = 1e-12;

  private BinomialTail() {}

  /** Returns whether the chance of {@code bad} or more of {@code total} is under a limit. */
  static boolean isUnder(double limit, long bad, long total, double probability) {
    if (bad <= probability * (double) total) {
      return false;
    }
    return chernoff(bad, total, probability) < limit || atLeast(bad, total, probability) < limit;
  }

  /**
   * Returns the chance of {@code bad} or more of {@code total}.
   *
   * @param probability over 0 and under 1
   */
  static double atLeast(long bad, long total, double probability) {
    if (bad <= 0) {
      return 1;
    }
    if (bad > total) {
      return 0;
    }
    if (bad <= probability * (double) total) {
      return 1 - atLeastMirrored(total - bad + 1, total, 1 - probability);
    }
    return sumFrom(bad, total, probability);
  }

  /** The complement of few bad ones is many good ones, which is a tail again. */
  private static double atLeastMirrored(long good, long total, double probability) {
    return sumFrom(good, total, probability);
  }

  private static double sumFrom(long first, long total, double probability) {
    double term = Math.exp(logTerm(first, total, probability));
    double odds = probability / (1 - probability);
    double sum = 0;
    for (long k = first; k <= total && term > sum * NEGLIGIBLE; k++) {
      sum += term;
      term *= (double) (total - k) / (double) (k + 1) * odds;
    }
    return Math.min(1, sum);
  }

  private static double logTerm(long k, long n, double p) {
    return logFactorial(n)
        - logFactorial(k)
        - logFactorial(n - k)
        + (double) k * Math.log(p)
        + (double) (n - k) * Math.log1p(-p);
  }

  /** An upper bound: e to the minus n times the divergence of the observed share from p. */
  private static double chernoff(long bad, long total, double p) {
    double share = (double) bad / (double) total;
    double good = 1 - share;
    double divergence = share * Math.log(share / p);
    divergence += good == 0 ? 0 : good * Math.log(good / (1 - p));
    return Math.exp(-(double) total * divergence);
  }

  private static double logFactorial(long n) {
    if (n < 32) {
      double product = 1;
      for (long i = 2; i <= n; i++) {
        product *= (double) i;
      }
      return Math.log(product);
    }
    double x = (double) n + 1;
    double square = x * x;
    double series = 1 / (12 * x) - 1 / (360 * x * square) + 1 / (1260 * x * square * square);
    return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + series;
  }
}
