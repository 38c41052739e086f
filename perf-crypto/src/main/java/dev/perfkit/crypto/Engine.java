package dev.perfkit.crypto;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.TimeSource;
import java.security.GeneralSecurityException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** What all keys of one component share: the provider that computes, and the source of nonces. */
final class Engine {

  private static final int SWEEP_STEPS = 64;
  private static final long SWEEP_PAUSE_MILLIS = 2;

  /** The sweep rests so many times as long as it worked: it takes a twentieth of a processor. */
  private static final int SWEEP_REST = 19;

  private final NonceSource nonces;
  private final CipherProvider asked;
  private final CipherProvider fallback;
  private final Supplier<ScheduledExecutorService> scheduler;
  private final EventSink events;
  private final TimeSource time;
  private final String name;
  private final AtomicBoolean told = new AtomicBoolean();
  private volatile boolean closed;

  /**
   * @param scheduler runs the sweep of the provider; asked for with the first cipher
   */
  Engine(
      String name,
      CipherProvider asked,
      CipherProvider fallback,
      NonceSource nonces,
      Supplier<ScheduledExecutorService> scheduler,
      EventSink events,
      TimeSource time) {
    this.name = name;
    this.asked = asked;
    this.fallback = fallback;
    this.nonces = nonces;
    this.scheduler = scheduler;
    this.events = events;
    this.time = time;
  }

  NonceSource nonces() {
    return nonces;
  }

  /**
   * Returns a new cipher of the provider in force.
   *
   * @param slot its place in its pool
   * @throws GeneralSecurityException if every provider that may be used was found to be wrong
   */
  PooledCipher create(int slot) throws GeneralSecurityException {
    CipherProvider provider = inForce();
    return new PooledCipher(new JceGcm(provider.load()), provider.check(), nonces.batch(), slot);
  }

  /**
   * Checks the provider, so that a wrong one never gets a message.
   *
   * @throws IllegalArgumentException if the one that was asked for is not there
   */
  void start() {
    try {
      asked.check().cold(asked.load());
    } catch (GeneralSecurityException missing) {
      throw new IllegalArgumentException(
          "field cipher '"
              + name
              + "': provider must be available but "
              + missing.getMessage()
              + "; add its artifact for this platform, or use CipherProvider.jdk()",
          missing);
    }
    if (asked.check().isWrong()) {
      tellExcluded();
    }
  }

  /** Returns a health with what is known about the provider. */
  Health health(Health health) {
    CipherProvider now = asked.check().isWrong() ? fallback : asked;
    Health told = health;
    if (now.check().isWrong()) {
      told = worse(health, Health.Status.DOWN, excluded(now) + "; update the JDK");
    } else if (now != asked) {
      told =
          worse(
              health,
              Health.Status.DEGRADED,
              excluded(asked) + "; " + now.name() + " takes its place");
    }
    return told.with("provider", now.name())
        .with("provider_check", now.check().isComplete() ? "complete" : "begun");
  }

  /** Stops what it does in the background. */
  void close() {
    closed = true;
    asked.check().release(this);
    fallback.check().release(this);
  }

  private CipherProvider inForce() throws GeneralSecurityException {
    if (isRight(asked)) {
      return asked;
    }
    tellExcluded();
    if (isRight(fallback)) {
      return fallback;
    }
    throw new GeneralSecurityException(excluded(fallback) + "; update the JDK");
  }

  private boolean isRight(CipherProvider provider) throws GeneralSecurityException {
    ProviderCheck check = provider.check();
    check.cold(provider.load());
    if (check.isWrong()) {
      return false;
    }
    if (check.claim(this)) {
      sweepLater(provider, 0);
    }
    return true;
  }

  private void sweepLater(CipherProvider provider, long workedNanos) {
    long pause = Math.max(SWEEP_PAUSE_MILLIS, workedNanos / 1_000_000 * SWEEP_REST);
    try {
      if (!closed) {
        var unused = scheduler.get().schedule(() -> sweep(provider), pause, TimeUnit.MILLISECONDS);
        return;
      }
    } catch (RejectedExecutionException stopped) {
      // Another component goes on with it.
      closed = true;
    }
    provider.check().release(this);
  }

  private void sweep(CipherProvider provider) {
    try {
      long began = time.nanoTime();
      if (!closed && provider.check().sweep(provider.load(), SWEEP_STEPS)) {
        sweepLater(provider, time.nanoTime() - began);
        return;
      }
      inForce();
    } catch (GeneralSecurityException noneLeft) {
      // The next operation gets it.
      closed = true;
    }
    provider.check().release(this);
  }

  private void tellExcluded() {
    if (told.compareAndSet(false, true)) {
      String instead =
          asked == fallback
              ? "nothing is encrypted or decrypted"
              : fallback.name() + " takes its place";
      events.accept(
          Event.of(
                  "crypto/" + name,
                  "provider-excluded",
                  Event.Severity.CRITICAL,
                  time.currentTimeMillis(),
                  "field cipher '" + name + "': " + excluded(asked) + "; " + instead)
              .with("provider", asked.name()));
    }
  }

  private static String excluded(CipherProvider provider) {
    return "provider " + provider.name() + " is excluded: " + provider.check().failure();
  }

  private static Health worse(Health health, Health.Status status, String reason) {
    return status.isWorseThan(health.status()) ? Health.of(status, reason) : health;
  }
}
