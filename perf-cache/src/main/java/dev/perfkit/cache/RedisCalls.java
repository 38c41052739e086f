package dev.perfkit.cache;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.TimeSource;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** Commands behind a breaker: no answer is a null, never an exception. */
final class RedisCalls {

  /** One command. */
  interface Command<T, X extends Exception> {
    T run(RedisLink link) throws X;
  }

  private final RedisLink link;
  private final Route route;
  private final Breaker breaker = new Breaker();
  private final TimeSource time;
  private final Tallies tallies;
  private final Notices notices;
  private final String address;

  RedisCalls(
      RedisLink link,
      Route route,
      TimeSource time,
      Tallies tallies,
      Notices notices,
      String address) {
    this.link = link;
    this.route = route;
    this.time = time;
    this.tallies = tallies;
    this.notices = notices;
    this.address = address;
  }

  /** Returns the commands, to prepare steps with. */
  RedisLink link() {
    return link;
  }

  /** Returns what of Redis this is, for messages. */
  String address() {
    return address;
  }

  Breaker breaker() {
    return breaker;
  }

  /** Sends a command; returns null if there was no answer, or the breaker is open. */
  <T, X extends Exception> @Nullable T ask(Command<T, X> command) throws X {
    return breaker.isClosed() ? send(command) : null;
  }

  /** Takes an answer that came with others; null if it is none. */
  <T, X extends Exception> @Nullable T take(Command<T, X> answer) throws X {
    try {
      T taken = answer.run(link);
      breaker.answered();
      return taken;
    } catch (RuntimeException failure) {
      failed(failure);
      return null;
    }
  }

  /** Finds out where the keys are by now, if there is reason to. */
  void refresh() {
    route.refresh();
  }

  /** Sends a command whatever the breaker says: for the recovery, and what it does. */
  <T, X extends Exception> @Nullable T send(Command<T, X> command) throws X {
    long start = time.nanoTime();
    T answer;
    try {
      answer = command.run(link);
    } catch (RuntimeException failure) {
      failed(failure);
      return null;
    }
    tallies.callTime.record(time.nanoTime() - start);
    breaker.answered();
    return answer;
  }

  private void failed(RuntimeException failure) {
    tallies.remoteFailures.increment();
    if (failure.getCause() instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    if (Thread.currentThread().isInterrupted() || isBusyPool(failure)) {
      return; // says something about this process, not about Redis
    }
    if (failure instanceof JedisConnectionException) {
      route.dropIdle();
    }
    if (breaker.failed(describe(failure), time.nanoTime())) {
      notices.tell(
          "breaker-opened",
          Event.Severity.WARNING,
          "Redis at "
              + address
              + " failed "
              + Breaker.THRESHOLD
              + " times in a row (last: "
              + breaker.lastFailure()
              + "); doing without it until it is back");
    }
  }

  private static boolean isBusyPool(RuntimeException failure) {
    return failure.getCause() instanceof NoSuchElementException;
  }

  /** Returns what failed, without what the message of an exception may tell of keys or logins. */
  private static String describe(RuntimeException failure) {
    if (failure instanceof JedisDataException) {
      String word = String.valueOf(failure.getMessage()).split(" ", 2)[0];
      return word.matches("[A-Z]{1,20}") ? "error " + word : "error";
    }
    Throwable root = failure;
    for (int i = 0; i < 10 && beneath(root) != null; i++) {
      root = Objects.requireNonNull(beneath(root));
    }
    return root.getClass().getSimpleName();
  }

  /** Jedis tells why it could not connect by way of a suppressed exception. */
  private static @Nullable Throwable beneath(Throwable failure) {
    Throwable[] suppressed = failure.getSuppressed();
    return failure.getCause() == null && suppressed.length > 0 ? suppressed[0] : failure.getCause();
  }
}
