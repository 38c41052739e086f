package dev.perfkit.crypto;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A random source that a test scripts. */
final class Randoms implements RandomBytes {

  private static final SecureRandom FRESH = new SecureRandom();

  private final Consumer<byte[]> fill;
  final AtomicInteger fills = new AtomicInteger();
  final AtomicInteger reseeds = new AtomicInteger();

  Randoms(Consumer<byte[]> fill) {
    this.fill = fill;
  }

  static void fresh(byte[] target) {
    FRESH.nextBytes(target);
  }

  @Override
  public void fill(byte[] target) {
    fills.incrementAndGet();
    fill.accept(target);
  }

  @Override
  public void reseed() {
    reseeds.incrementAndGet();
  }
}
