package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Looks at what the tiers hold, and changes nothing. */
final class Inspections<K, V> {

  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Marks marks;
  private final TimeSource time;

  Inspections(MemoryTier<K, V> memory, Remote<K, V> remote, Marks marks, TimeSource time) {
    this.memory = memory;
    this.remote = remote;
    this.marks = marks;
    this.time = time;
  }

  Inspection inspect(K key) {
    Slot<V> slot = memory.slot(key);
    Visit<V> visit = remote.visit(key);
    Inspection.Held behind = visit.inspect();
    boolean answered = remote.exists() && !visit.missedTier();
    if (slot instanceof Flight<V> flight) {
      Entry<V> fallback = flight.fallback();
      Inspection.Held older = fallback == null ? null : held(fallback);
      return new Inspection(older, behind, !flight.hasLanded(), answered);
    }
    Inspection.Held held = slot == null ? null : held((Entry<V>) slot);
    return new Inspection(held, behind, false, answered);
  }

  private Inspection.Held held(Entry<V> entry) {
    long now = time.nanoTime();
    String reason = entry.why(now, marks);
    Birth birth = entry.birth();
    return new Inspection.Held(
        reason == null,
        Objects.requireNonNullElse(reason, ""),
        entry.value() == null,
        Duration.ofMillis(Math.max(0, time.currentTimeMillis() - birth.createdMillis())),
        Duration.ofNanos(entry.freshUntil() - now),
        Duration.ofNanos(entry.life().staleUntil() - now),
        Duration.ofNanos(birth.costNanos()),
        entry.origin().tags(),
        entry.origin().then().clock(),
        birth.bytes());
  }

  /** Returns what Redis holds, as far as its bytes tell. */
  static <V> Inspection.Held held(Found<V> found, String reason, long nowMillis) {
    Birth birth = found.birth();
    return new Inspection.Held(
        reason.isEmpty(),
        reason,
        found.value() == null,
        Duration.ofMillis(Math.max(0, nowMillis - birth.createdMillis())),
        Duration.ofNanos(found.freshNanos()),
        Duration.ofNanos(found.usableNanos()),
        Duration.ofNanos(birth.costNanos()),
        found.tags(),
        found.then().clock(),
        birth.bytes());
  }

  /** Returns what is no value. */
  static Inspection.Held unreadable(String reason, long bytes) {
    return new Inspection.Held(
        false,
        reason,
        false,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        List.of(),
        0,
        bytes);
  }
}
