package dev.perfkit.cache;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keys and tags whose invalidation the tier has not acknowledged. Until it has, what the tier holds
 * under them must not be believed. When they become too many, they are all keys of the cache.
 *
 * <p>Each removal has a number of its own, so that one that comes while an older one of the same
 * key is delivered is not taken for delivered.
 */
final class PendingRemovals {

  private final int capacity;
  private final ConcurrentHashMap<RemoteKey, Long> numbers = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Tag, Long> tags = new ConcurrentHashMap<>();
  private final AtomicLong lastNumber = new AtomicLong();
  private final AtomicLong overflow = new AtomicLong();

  PendingRemovals(int capacity) {
    this.capacity = capacity;
  }

  /** Adds a key; returns whether this made them too many. */
  boolean add(RemoteKey key) {
    return add(numbers, key);
  }

  /** Adds a tag; returns whether this made them too many. */
  boolean add(Tag tag) {
    return add(tags, tag);
  }

  private <T> boolean add(ConcurrentHashMap<T, Long> to, T what) {
    long number = lastNumber.incrementAndGet();
    if (overflow.get() == 0 && (size() < capacity || to.containsKey(what))) {
      to.put(what, number);
      return false;
    }
    return overflow.getAndSet(number) == 0;
  }

  /** Returns whether a value with such tags may not be believed. */
  boolean covers(Collection<String> ofValue) {
    return overflow.get() != 0 || (!tags.isEmpty() && coversAny(ofValue));
  }

  private boolean coversAny(Collection<String> ofValue) {
    return tags.keySet().stream()
        .anyMatch(tag -> tag.name().equals(Marks.ALL) || ofValue.contains(tag.name()));
  }

  boolean covers(RemoteKey key) {
    return overflow.get() != 0 || (!numbers.isEmpty() && numbers.containsKey(key));
  }

  boolean isEmpty() {
    return overflow.get() == 0 && numbers.isEmpty() && tags.isEmpty();
  }

  int size() {
    return numbers.size() + tags.size();
  }

  /** Returns the number of the overflow, to be given to {@link #swept}; 0 if there is none. */
  long overflow() {
    return overflow.get();
  }

  Map<RemoteKey, Long> keys() {
    return new HashMap<>(numbers);
  }

  Map<Tag, Long> tags() {
    return new HashMap<>(tags);
  }

  /** Forgets a removal that was acknowledged, unless there was another one since. */
  void delivered(RemoteKey key, long number) {
    numbers.remove(key, number);
  }

  /** Forgets a tag likewise. */
  void delivered(Tag tag, long number) {
    tags.remove(tag, number);
  }

  /** Forgets an overflow, unless something was added to it since. */
  boolean swept(long number) {
    return overflow.compareAndSet(number, 0);
  }
}
