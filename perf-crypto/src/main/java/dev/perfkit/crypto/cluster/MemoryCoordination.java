package dev.perfkit.crypto.cluster;

import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The store of a single process. */
final class MemoryCoordination implements Coordination {

  private final TimeSource time;
  private final Map<String, StoredRecord> records = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Leased>> groups = new ConcurrentHashMap<>();

  MemoryCoordination(TimeSource time) {
    this.time = Objects.requireNonNull(time, "timeSource");
  }

  @Override
  public Optional<StoredRecord> read(String name) {
    Limits.name("name", name);
    return Optional.ofNullable(records.get(name));
  }

  @Override
  public boolean compareAndSet(String name, long expectedVersion, byte[] value) {
    Limits.name("name", name);
    Limits.value(expectedVersion, value);
    StoredRecord next = StoredRecord.of(Math.addExact(expectedVersion, 1), value);
    StoredRecord now =
        records.compute(
            name, (same, old) -> (old == null ? 0 : old.version()) == expectedVersion ? next : old);
    return now == next;
  }

  @Override
  public void announce(String group, String member, String note, Duration lease) {
    Limits.name("group", group);
    Limits.name("member", member);
    Limits.note(note, lease);
    Leased leased = new Leased(new Member(member, note), time.nanoTime() + lease.toNanos());
    groups.computeIfAbsent(group, same -> new ConcurrentSkipListMap<>()).put(member, leased);
  }

  @Override
  public void leave(String group, String member) {
    in(group).remove(member);
  }

  @Override
  public List<Member> members(String group) {
    Map<String, Leased> all = in(group);
    all.values().removeIf(leased -> time.nanoTime() - leased.expiresNanos() >= 0);
    return all.values().stream().map(Leased::member).toList();
  }

  private Map<String, Leased> in(String group) {
    Limits.name("group", group);
    return groups.getOrDefault(group, new ConcurrentSkipListMap<>());
  }

  @Override
  public String toString() {
    return "MemoryCoordination[records=" + records.size() + "]";
  }

  private record Leased(Member member, long expiresNanos) {}
}
