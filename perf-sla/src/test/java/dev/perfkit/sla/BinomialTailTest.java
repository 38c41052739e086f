package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.junit.jupiter.api.Test;

/** Compares the tail of the binomial distribution with sums of exact terms. */
final class BinomialTailTest {

  @Test
  void atLeast_smallNumbers_isTheExactSum() {
    for (int total : new int[] {1, 5, 60, 200}) {
      for (double p : new double[] {0.0001, 0.001, 0.05, 0.5}) {
        for (int bad = 0; bad <= Math.min(total, 30); bad += 3) {
          double exact = exact(bad, total, p);
          assertThat(BinomialTail.atLeast(bad, total, p))
              .as("%d of %d at %s", bad, total, p)
              .isCloseTo(exact, within(1e-9 * exact + 1e-300));
        }
      }
    }
  }

  @Test
  void isUnder_atTheLimitOfPages_needsFourOfSixty() {
    assertThat(BinomialTail.isUnder(1e-5, 3, 60, 0.001)).isFalse();
    assertThat(BinomialTail.isUnder(1e-5, 4, 60, 0.001)).isTrue();
    assertThat(BinomialTail.isUnder(1e-5, 1, 1, 0.001)).isFalse();
  }

  @Test
  void isUnder_hugeNumbers_agreesWithTheNormalDistribution() {
    long total = 1_000_000_000_000L;
    double mean = 1e9;
    double deviation = Math.sqrt(mean * 0.999);
    assertThat(BinomialTail.isUnder(1e-5, Math.round(mean + 4.2 * deviation), total, 0.001))
        .as("1.3e-5")
        .isFalse();
    assertThat(BinomialTail.isUnder(1e-5, Math.round(mean + 4.35 * deviation), total, 0.001))
        .as("6.8e-6")
        .isTrue();
    assertThat(BinomialTail.isUnder(1e-5, total, total, 0.001)).isTrue();
    assertThat(BinomialTail.isUnder(1e-5, Math.round(mean), total, 0.001)).isFalse();
  }

  private static double exact(int bad, int total, double p) {
    BigDecimal chance = BigDecimal.ZERO;
    BigDecimal probability = BigDecimal.valueOf(p);
    MathContext digits = new MathContext(60);
    BigInteger ways = BigInteger.ONE;
    for (int k = 0; k <= total; k++) {
      if (k > 0) {
        ways = ways.multiply(BigInteger.valueOf(total - k + 1)).divide(BigInteger.valueOf(k));
      }
      if (k >= bad) {
        chance =
            chance.add(
                new BigDecimal(ways)
                    .multiply(probability.pow(k, digits))
                    .multiply(BigDecimal.ONE.subtract(probability).pow(total - k, digits)),
                digits);
      }
    }
    return chance.doubleValue();
  }
}
