package dev.perfkit.cache;

import dev.perfkit.spi.Health;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Puts the state of Redis, as a cache sees it, into words. */
final class RedisHealth {

  private RedisHealth() {}

  static Health of(
      Lanes lanes, PendingRemovals pending, String address, boolean evictsAtWill, long now) {
    List<RedisCalls> away = lanes.away();
    if (!away.isEmpty()) {
      return withPending(degraded(away(away, lanes.all().size(), address, now)), pending);
    }
    if (!pending.isEmpty()) {
      return withPending(
          degraded("removals wait for Redis at " + address + " to acknowledge them"), pending);
    }
    if (evictsAtWill) {
      return degraded(
          "maxmemory-policy of Redis at "
              + address
              + " must not be allkeys-*, as it may evict the state of the cache, and all entries"
              + " with it; use volatile-lru");
    }
    return Health.up();
  }

  private static String away(List<RedisCalls> away, int all, String address, long now) {
    Breaker longest =
        away.stream()
            .map(RedisCalls::breaker)
            .max(Comparator.comparingLong(breaker -> breaker.openNanos(now)))
            .orElseThrow();
    String part = all == 1 ? "" : away.size() + " of " + all + " parts of ";
    return part
        + "Redis at "
        + address
        + (away.size() == 1 || all == 1 ? " has" : " have")
        + " been away for "
        + TimeUnit.NANOSECONDS.toSeconds(longest.openNanos(now))
        + " s (last failure: "
        + longest.lastFailure()
        + "); values live in memory only, and shorter";
  }

  private static Health degraded(String reason) {
    return Health.of(Health.Status.DEGRADED, reason);
  }

  private static Health withPending(Health health, PendingRemovals pending) {
    String removals =
        pending.overflow() == 0 ? Integer.toString(pending.size()) : "all keys: too many removals";
    return pending.isEmpty() ? health : health.with("pendingRemovals", removals);
  }
}
