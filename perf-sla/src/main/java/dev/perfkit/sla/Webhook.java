package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.support.Options;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Delivers events to an HTTP address, one after the other, as JSON.
 *
 * <pre>{@code
 * Webhook webhook = Webhook.to(URI.create("https://example.com/alerts"))
 *     .secret(bytes)
 *     .build();
 * SlaMonitor sla = SlaMonitor.named("app").events(webhook).build();
 * }</pre>
 *
 * <p>Who sends an event never waits: it goes to a bounded queue, and when that is full the newest
 * is dropped and counted. An answer of 200 to 299 ends a delivery; 408, 429 and 500 to 599, silence
 * and refused connections are tried again with exponential backoff and jitter; whatever else is
 * answered gives the event up at once. An event may so arrive twice: {@code Perfkit-Id} is the same
 * for each attempt, and different for each event.
 *
 * <p>With a secret, {@code Perfkit-Signature} is {@code v1=} and the lower-case hexadecimal
 * HMAC-SHA-256 of {@code Perfkit-Timestamp} (seconds since 1970), a dot, and the body. A receiver
 * compares it in constant time and refuses timestamps more than a few minutes old.
 *
 * <p>Safe for use by any number of threads. Starts one daemon thread, {@code perf-sla-webhook-1},
 * and those of a JDK {@code HttpClient}, which are daemons and end when it is collected. The host
 * closes it, after the monitor.
 */
@Beta
public final class Webhook implements EventSink, AutoCloseable {

  /** The most events that wait, unless set otherwise: 1,000. */
  public static final int DEFAULT_CAPACITY = 1_000;

  /** The most attempts for an event, unless set otherwise: 6. */
  public static final int DEFAULT_ATTEMPTS = 6;

  /** The time for one attempt, unless set otherwise: 5 seconds. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  /** The time before the second attempt, unless set otherwise: 500 ms; each time twice as long. */
  public static final Duration DEFAULT_BACKOFF = Duration.ofMillis(500);

  private final WebhookDelivery delivery;

  private Webhook(Builder options) {
    delivery = new WebhookDelivery(options);
  }

  /**
   * Returns the options of a webhook.
   *
   * @param address http or https, without user and fragment
   * @throws IllegalArgumentException if the address is another
   */
  public static Builder to(URI address) {
    boolean http = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
    Options.require(
        http && address.getHost() != null && address.getRawUserInfo() == null,
        "address",
        "be http or https, with a host and without a user",
        address.getScheme() + "://" + address.getHost());
    return new Builder(address);
  }

  /** Queues an event; never waits and never fails. After {@link #close} it is dropped. */
  @Override
  public void accept(Event event) {
    delivery.add(Objects.requireNonNull(event, "event"));
  }

  /** Returns how many events were answered with 200 to 299. */
  public long delivered() {
    return delivery.delivered();
  }

  /** Returns how many events were lost: no room, given up, or not delivered before the close. */
  public long dropped() {
    return delivery.dropped();
  }

  /**
   * Ends: the delivery under way and what waits have half of 5 seconds, without further attempts;
   * then the rest is dropped and counted.
   */
  @Override
  public void close() {
    delivery.close();
  }

  /** The options of a webhook. For one thread. */
  @Beta
  public static final class Builder {

    private static final int MOST_WAITING = 100_000;
    private static final int MOST_ATTEMPTS = 20;
    private static final int LEAST_SECRET = 16;

    final URI address;
    int capacity = DEFAULT_CAPACITY;
    int attempts = DEFAULT_ATTEMPTS;
    Duration timeout = DEFAULT_TIMEOUT;
    Duration backoff = DEFAULT_BACKOFF;
    byte @Nullable [] secret;
    LongConsumer onDrop = count -> {};
    final Clock clock = Clock.systemUTC();

    private Builder(URI address) {
      this.address = address;
    }

    /**
     * Sets the most events that wait.
     *
     * @param events 1 to 100,000, by default 1,000
     * @throws IllegalArgumentException if the number is outside that range
     */
    public Builder capacity(int events) {
      capacity = Options.between("capacity", 1, MOST_WAITING, events);
      return this;
    }

    /**
     * Sets the most attempts for an event.
     *
     * @param attempts 1 to 20, by default 6
     * @throws IllegalArgumentException if the number is outside that range
     */
    public Builder attempts(int attempts) {
      this.attempts = Options.between("attempts", 1, MOST_ATTEMPTS, attempts);
      return this;
    }

    /**
     * Sets the time for one attempt, connecting included.
     *
     * @param timeout 10 ms to 1 minute, by default 5 seconds
     * @throws IllegalArgumentException if the time is outside that range
     */
    public Builder timeout(Duration timeout) {
      this.timeout =
          Options.between("timeout", Duration.ofMillis(10), Duration.ofMinutes(1), timeout);
      return this;
    }

    /**
     * Sets the time before the second attempt; it doubles each time, to at most 1 minute, and half
     * of it is chance.
     *
     * @param backoff 1 ms to 1 minute, by default 500 ms
     * @throws IllegalArgumentException if the time is outside that range
     */
    public Builder backoff(Duration backoff) {
      this.backoff =
          Options.between("backoff", Duration.ofMillis(1), Duration.ofMinutes(1), backoff);
      return this;
    }

    /**
     * Sets the secret that signs deliveries, by default none.
     *
     * @param secret at least 16 bytes; copied
     * @throws IllegalArgumentException if it is shorter
     */
    public Builder secret(byte[] secret) {
      Options.atLeast("length of secret", LEAST_SECRET, secret.length);
      this.secret = secret.clone();
      return this;
    }

    /** Sets who is told how many events were lost each time; called on any thread. */
    public Builder onDrop(LongConsumer onDrop) {
      this.onDrop = Objects.requireNonNull(onDrop, "onDrop");
      return this;
    }

    /** Starts a webhook. */
    public Webhook build() {
      return new Webhook(this);
    }
  }
}
