package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a node's memory true to what other nodes change.
 *
 * <p>Messages bring invalidations fast, and may be lost. Each has the next number of its shard, so
 * a node that sees a gap, connects again, or hears a heartbeat reads what it missed from the log;
 * or, if the log does not go back so far or belongs to another history, drops what it has of that
 * shard. The heartbeat asks the server itself, not the channel: only a node that has heard that it
 * knows all is trusted, and for a limited time.
 *
 * <p>Positions move under the lock of their shard, so what comes by message and what comes by log
 * is applied in order, once.
 */
final class Backplane {

  private final Lanes lanes;
  private final Subscriptions subscriber;
  private final Marks marks;
  private final List<Shard> shards;
  private final List<ShardKeys> keys;
  private final ShardKeys clock;
  private final Memory memory;
  private final TimeSource time;
  private final Freshness freshness;
  private final Notices notices;
  private final Tallies tallies;
  private final long cap;
  private final AtomicBoolean started = new AtomicBoolean();
  private final ReentrantLock clockLock = new ReentrantLock();
  private volatile boolean closed;
  private volatile @Nullable Future<?> heartbeat;

  /** The memory of this node, by the texts of keys. */
  record Memory(BiConsumer<String, Long> invalidate, Consumer<String> wake) {}

  /**
   * @param cap how long a node is trusted that has heard nothing, in nanoseconds
   */
  Backplane(
      Lanes lanes,
      Subscriptions subscriber,
      Marks marks,
      List<Shard> shards,
      KeyLayout<?> layout,
      Memory memory,
      Freshness freshness,
      Notices notices,
      TimeSource time,
      Tallies tallies,
      long cap) {
    this.lanes = lanes;
    this.subscriber = subscriber;
    this.marks = marks;
    this.shards = shards;
    this.keys = layout.shards();
    this.clock = layout.clock();
    this.memory = memory;
    this.freshness = freshness;
    this.notices = notices;
    this.time = time;
    this.tallies = tallies;
    this.cap = cap;
  }

  /** Begins to listen, and to ask at every heartbeat; only the first call counts. */
  void start(ScheduledExecutorService scheduler, long heartbeatNanos, Runnable atEachBeat) {
    if (started.get() || closed || !started.compareAndSet(false, true)) {
      return;
    }
    for (int i = 0; i < shards.size(); i++) {
      Shard shard = shards.get(i);
      subscriber.add(
          keys.get(i).channel(),
          new Subscriptions.Channel(message -> receive(shard, message), () -> connected(shard)));
    }
    if (clock.index() == ShardKeys.OF_CLOCK) {
      subscriber.add(
          clock.channel(), new Subscriptions.Channel(this::receiveMark, this::clockConnected));
    }
    try {
      heartbeat =
          scheduler.scheduleWithFixedDelay(
              () -> beat(atEachBeat), heartbeatNanos, heartbeatNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException stopped) {
      closed = true;
    }
  }

  void close() {
    closed = true;
    Future<?> beats = heartbeat;
    if (beats != null) {
      beats.cancel(false);
    }
    keys.forEach(each -> subscriber.remove(each.channel()));
    if (clock.index() == ShardKeys.OF_CLOCK) {
      subscriber.remove(clock.channel());
    }
  }

  private void beat(Runnable atEachBeat) {
    if (closed) {
      return;
    }
    atEachBeat.run();
    subscriber.check();
    lanes.clock().refresh();
    boolean unused = isNear(lanes.clock()) && syncClock();
    for (Shard shard : shards) {
      boolean unusedToo = isNear(lanes.of(shard)) && sync(shard);
    }
  }

  private static boolean isNear(RedisCalls lane) {
    return lane.breaker().isClosed();
  }

  private void connected(Shard shard) {
    if (!closed && isNear(lanes.of(shard))) {
      boolean unused = sync(shard) && (clock.index() != shard.index() || syncClock());
    }
  }

  private void clockConnected() {
    boolean unused = !closed && isNear(lanes.clock()) && syncClock();
  }

  /** Returns whether values from Redis may be believed; asks if it has to. */
  boolean isClockConfirmed() {
    return (marks.isConfirmed() && time.nanoTime() - marks.confirmedAt() < cap)
        || (isNear(lanes.clock()) && syncClock());
  }

  // The clock.

  boolean syncClock() {
    clockLock.lock();
    try {
      return readClock();
    } finally {
      clockLock.unlock();
    }
  }

  private boolean readClock() {
    for (int attempt = 0; attempt < 2; attempt++) {
      Marks.Reading before = marks.reading();
      String id = marks.lastId();
      long start = time.nanoTime();
      Marks.Clock now = lanes.clock().send(link -> link.clock(clock, before, id));
      if (now == null) {
        return false;
      }
      now.freshness().forEach(this::noteFreshness);
      if (marks.adopt(now, before, id, start)) {
        shards.forEach(this::trust);
        return true;
      }
      boolean unused = fork(lanes.clock(), link -> link.forkClock(clock, before.genesis()));
    }
    return false;
  }

  // A shard.

  boolean sync(Shard shard) {
    shard.lock().lock();
    try {
      for (int attempt = 0; attempt < 2; attempt++) {
        Shard.Position before = shard.position();
        long start = time.nanoTime();
        Reply.Progress progress =
            lanes.of(shard).send(link -> link.progress(keys.get(shard.index()), before));
        if (progress == null) {
          return false;
        }
        if (adopt(shard, before, progress)) {
          shard.confirm(start);
          trust(shard);
          return true;
        }
        boolean unused =
            fork(
                lanes.of(shard), link -> link.forkShard(keys.get(shard.index()), before.genesis()));
      }
      return false;
    } finally {
      shard.lock().unlock();
    }
  }

  /** Applies what was missed; returns false if it is another history under the same genesis. */
  private boolean adopt(Shard shard, Shard.Position before, Reply.Progress progress) {
    Shard.Position now = progress.position();
    if (now.genesis() != before.genesis()) {
      drop(shard, now, before.genesis() != 0);
      return true;
    }
    if (now.sequence() <= before.sequence()) {
      return now.equals(before);
    }
    List<Reply.Missed> log = progress.log();
    if (before.sequence() > 0 && !log.isEmpty()) {
      Reply.Missed known = log.get(0);
      if (known.sequence() == before.sequence() && !known.id().equals(before.id())) {
        return false;
      }
    }
    List<Reply.Missed> missed =
        log.stream().filter(each -> each.sequence() > before.sequence()).toList();
    if (isComplete(missed, before.sequence(), now.sequence())) {
      missed.forEach(each -> memory.invalidate().accept(each.key(), each.sequence()));
      tallies.replayed.add(missed.size());
      shard.moveTo(now);
    } else {
      drop(shard, now, true);
    }
    return true;
  }

  private static boolean isComplete(List<Reply.Missed> missed, long from, long to) {
    for (int i = 0; i < missed.size(); i++) {
      if (missed.get(i).sequence() != from + 1 + i) {
        return false;
      }
    }
    return missed.size() == to - from;
  }

  private void drop(Shard shard, Shard.Position next, boolean known) {
    Shard.Position before = shard.position();
    shard.drop();
    marks.touch();
    shard.moveTo(next);
    if (known) {
      tallies.dropped.increment();
      notices.dropped(shard.index(), before, next);
    }
  }

  private boolean fork(RedisCalls lane, Consumer<RedisLink> command) {
    tallies.forks.increment();
    Boolean sent =
        lane.send(
            link -> {
              command.accept(link);
              return true;
            });
    return Boolean.TRUE.equals(sent);
  }

  private void trust(Shard shard) {
    if (shard.isConfirmed() && marks.isConfirmed()) {
      long older =
          shard.confirmedAt() - marks.confirmedAt() < 0 ? shard.confirmedAt() : marks.confirmedAt();
      shard.trustUntil(older + cap);
    }
  }

  // Messages.

  private void receive(Shard shard, byte[] bytes) {
    String message = new String(bytes, StandardCharsets.UTF_8);
    tallies.messages.increment();
    if (message.startsWith("i ")) {
      invalidated(shard, message.split(" ", 5));
    } else if (message.startsWith("t ")) {
      marked(message.split(" ", 6));
    } else if (message.startsWith("f ")) {
      markedWithFreshness(message);
    } else if (message.startsWith("w ")) {
      memory.wake().accept(message.substring(2));
    }
  }

  private void receiveMark(byte[] bytes) {
    String message = new String(bytes, StandardCharsets.UTF_8);
    tallies.messages.increment();
    if (message.startsWith("t ")) {
      marked(message.split(" ", 6));
    } else if (message.startsWith("f ")) {
      markedWithFreshness(message);
    }
  }

  private void invalidated(Shard shard, String[] parts) {
    if (parts.length < 5) {
      return;
    }
    Shard.Position next =
        new Shard.Position(Reply.parseGenesis(parts[1]), sequence(parts[2]), parts[3]);
    if (!apply(shard, next, parts[4])) {
      boolean unused = sync(shard);
    }
  }

  /** Returns false if something before it was missed, or it is of another history. */
  private boolean apply(Shard shard, Shard.Position next, String key) {
    shard.lock().lock();
    try {
      Shard.Position known = shard.position();
      if (next.genesis() != known.genesis()) {
        return false;
      }
      memory.invalidate().accept(key, next.sequence());
      if (next.sequence() == known.sequence() + 1) {
        shard.moveTo(next);
        return true;
      }
      return next.sequence() < known.sequence() || next.equals(known);
    } finally {
      shard.lock().unlock();
    }
  }

  /** A load that knows the mark must know the tokens: so these come first. */
  private void markedWithFreshness(String message) {
    String[] parts = message.split(" ", 7);
    if (parts.length == 7) {
      noteFreshness(parts[5] + " " + parts[6]);
      parts[5] = parts[6];
      marked(parts);
    }
  }

  private void noteFreshness(String tokensAndTag) {
    String[] parts = tokensAndTag.split(" ", 2);
    if (parts.length == 2) {
      freshness.note(new Freshness.OfTag(parts[1]), List.of(parts[0].split("\t", -1)));
    }
  }

  private void marked(String[] parts) {
    if (parts.length < 6) {
      return;
    }
    applyMark(
        Reply.parseGenesis(parts[1]),
        sequence(parts[2]),
        parts[3],
        new Tag(parts[5], parts[4].equals("h")));
  }

  /** Applies a mark that Redis has; asks for what was missed before it. */
  void applyMark(long genesis, long at, String id, Tag tag) {
    Marks.Step step = marks.apply(genesis, at, id, tag.name(), tag.hard());
    if (step != Marks.Step.APPLIED) {
      boolean unused = syncClock();
    }
  }

  private static long sequence(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException foreign) {
      return -1;
    }
  }
}
