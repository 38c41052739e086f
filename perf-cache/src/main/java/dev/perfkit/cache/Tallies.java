package dev.perfkit.cache;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** All counts and timers of a cache. */
final class Tallies {

  private final Telemetry telemetry;
  private final String cache;

  final Tally memoryHits;
  final Tally memoryMisses;
  final Tally evictions;
  final Tally staleServed;
  final Tally voidedFills;
  final Tally joined;
  final Tally loads;
  final Tally absentLoads;
  final Tally failedLoads;
  final Tally remoteHits;
  final Tally remoteStale;
  final Tally remoteMisses;
  final Tally remoteFailures;
  final Tally remoteSkipped;
  final Tally bytesRead;
  final Tally bytesWritten;
  final Tally messages;
  final Tally replayed;
  final Tally dropped;
  final Tally forks;
  final Tally waited;
  final Tally refreshes;
  final Tally timedOut;
  final Timing loadTime;
  final Timing callTime;
  private final Map<Reason, Tally> unreadable;
  private final Map<Reason, Tally> unwritable;

  Tallies(Telemetry telemetry, String cache) {
    this.telemetry = telemetry;
    this.cache = cache;
    memoryHits = tally("cache.memory.hits", "gets answered from memory");
    memoryMisses = tally("cache.memory.misses", "gets that memory had no fresh value for");
    evictions = tally("cache.memory.evictions", "entries dropped for want of room");
    staleServed = tally("cache.stale.served", "gets answered with a value past its time to live");
    voidedFills = tally("cache.fills.voided", "values not kept: their key changed meanwhile");
    joined = tally("cache.loads.joined", "gets that waited for the load of another thread");
    loads = tally("cache.loads.succeeded", "loads that returned a value");
    absentLoads = tally("cache.loads.absent", "loads that returned none");
    failedLoads = tally("cache.loads.failed", "loads that threw");
    remoteHits = tally("cache.remote.hits", "look-ups that found a fresh value");
    remoteStale = tally("cache.remote.stale", "look-ups that found a value past its time to live");
    remoteMisses = tally("cache.remote.misses", "look-ups that found nothing of use");
    remoteFailures = tally("cache.remote.failures", "calls without an answer");
    remoteSkipped = tally("cache.remote.skipped", "operations that left the tier alone");
    bytesRead = sized("cache.remote.bytes_read", "bytes of entries read");
    bytesWritten = sized("cache.remote.bytes_written", "bytes of entries written");
    messages = tally("cache.backplane.messages", "messages of other nodes and this one");
    replayed = tally("cache.backplane.replayed", "invalidations made up for from the log");
    dropped = tally("cache.backplane.dropped", "times that a shard was dropped from memory");
    forks = tally("cache.backplane.forks", "times that Redis had forgotten its newest commands");
    waited = tally("cache.loads.awaited", "misses that waited for the load of another node");
    refreshes = tally("cache.loads.early", "loads of values that were still fresh");
    timedOut = tally("cache.loads.timed_out", "gets that the hard timeout ended");
    loadTime = timing("cache.loads.time", "how long loads take");
    callTime = timing("cache.remote.time", "how long answered calls take");
    unreadable = byReason("cache.remote.unreadable", "entries that are no value, as misses");
    unwritable = byReason("cache.remote.unwritable", "values kept in memory only");
  }

  void unreadable(Reason reason) {
    count(unreadable, reason);
  }

  void unwritable(Reason reason) {
    count(unwritable, reason);
  }

  Stats stats(long entries, long pendingRemovals) {
    return new Stats(
        new Stats.Memory(memoryHits.sum(), memoryMisses.sum(), evictions.sum(), entries),
        new Stats.Loads(
            loads.sum(),
            absentLoads.sum(),
            failedLoads.sum(),
            joined.sum(),
            staleServed.sum(),
            voidedFills.sum(),
            refreshes.sum(),
            timedOut.sum(),
            loadTime.latency()),
        new Stats.Remote(
            remoteHits.sum(),
            remoteStale.sum(),
            remoteMisses.sum(),
            remoteFailures.sum(),
            remoteSkipped.sum(),
            bytesRead.sum(),
            bytesWritten.sum(),
            pendingRemovals,
            callTime.latency(),
            sums(unreadable),
            sums(unwritable)));
  }

  Metric metric(String name, String help) {
    return Metric.named(name).help(help).tag("cache", cache);
  }

  private Tally tally(String name, String help) {
    return new Tally(telemetry.counter(metric(name, help)));
  }

  private Timing timing(String name, String help) {
    return new Timing(telemetry.timer(metric(name, help)));
  }

  private Tally sized(String name, String help) {
    return new Tally(telemetry.counter(metric(name, help).unit("bytes")));
  }

  private Map<Reason, Tally> byReason(String name, String help) {
    Map<Reason, Tally> tallies = new EnumMap<>(Reason.class);
    for (Reason reason : Reason.values()) {
      Metric metric = metric(name, help).tag("reason", reason.word());
      tallies.put(reason, new Tally(telemetry.counter(metric)));
    }
    return tallies;
  }

  private static void count(Map<Reason, Tally> tallies, Reason reason) {
    Tally tally = tallies.get(reason);
    if (tally != null) {
      tally.increment();
    }
  }

  private static Map<String, Long> sums(Map<Reason, Tally> tallies) {
    Map<String, Long> sums = new TreeMap<>();
    tallies.forEach(
        (reason, tally) -> {
          if (tally.sum() > 0) {
            sums.put(reason.word(), tally.sum());
          }
        });
    return sums;
  }
}
