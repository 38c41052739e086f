package dev.perfkit.cache;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keys whose removal the tier has not acknowledged. Until it has, what the tier holds under them
 * must not be read. When they become too many, they are all keys of the cache.
 *
 * <p>Each removal has a number of its own, so that one that comes while an older one of the same
 * key is delivered is not taken for delivered.
 */
final class PendingRemovals {

  private final int capacity;
  private final ConcurrentHashMap<RemoteKey, Long> numbers = new ConcurrentHashMap<>();
  private final AtomicLong lastNumber = new AtomicLong();
  private final AtomicLong overflow = new AtomicLong();

  PendingRemovals(int capacity) {
    this.capacity = capacity;
  }

  /** Adds a key; returns whether this made them too many. */
  boolean add(RemoteKey key) {
    long number = lastNumber.incrementAndGet();
    if (overflow.get() == 0 && (numbers.size() < capacity || numbers.containsKey(key))) {
      numbers.put(key, number);
      return false;
    }
    return overflow.getAndSet(number) == 0;
  }

  boolean covers(RemoteKey key) {
    return overflow.get() != 0 || (!numbers.isEmpty() && numbers.containsKey(key));
  }

  boolean isEmpty() {
    return overflow.get() == 0 && numbers.isEmpty();
  }

  int size() {
    return numbers.size();
  }

  /** Returns the number of the overflow, to be given to {@link #swept}; 0 if there is none. */
  long overflow() {
    return overflow.get();
  }

  Map<RemoteKey, Long> snapshot() {
    return new HashMap<>(numbers);
  }

  /** Forgets removals that were acknowledged. */
  void delivered(Map<RemoteKey, Long> acknowledged) {
    acknowledged.forEach(numbers::remove);
  }

  /** Forgets an overflow, unless something was added to it since. */
  boolean swept(long number) {
    return overflow.compareAndSet(number, 0);
  }
}
