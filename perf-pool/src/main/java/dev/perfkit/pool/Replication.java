package dev.perfkit.pool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known of how far the nodes of a group have come.
 *
 * <p>The primary is whoever accepts writes on the highest timeline that was seen. The first
 * position seen on a timeline is its {@linkplain #anchor() anchor}: whatever an older timeline has
 * handed over lies before it.
 */
final class Replication implements PositionWatch.Listener {

  /** The primary at one moment, and the first position seen of its timeline. */
  private record Primary(PoolNode node, WalPosition position, Floor anchor) {

    Primary next(PoolNode node, WalPosition now) {
      if (now.system() != position.system()) {
        // Another cluster at the same address; at another one it is none of ours.
        return node == this.node ? first(node, now) : this;
      }
      if (now.timeline() != position.timeline()) {
        return now.timeline() > position.timeline() ? first(node, now) : this;
      }
      return now.wasAskedSince(position.askedNanos()) ? new Primary(node, now, anchor) : this;
    }

    static Primary first(PoolNode node, WalPosition position) {
      return new Primary(node, position, position.floor());
    }
  }

  private final ReplicationLag lag;
  private final Map<PoolNode, PositionWatch> watches = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private volatile @Nullable Primary primary;
  private final AtomicLong answers = new AtomicLong();

  Replication(ReplicationLag lag) {
    this.lag = lag;
  }

  ReplicationLag lag() {
    return lag;
  }

  /** Before the first question; the watches do not change later. */
  void add(PositionWatch watch) {
    watches.put(watch.node(), watch);
    lag.watch(watch.node());
  }

  void start() {
    watches.values().forEach(PositionWatch::demand);
  }

  /** Asks over new connections from now on. */
  void renew() {
    watches.values().forEach(PositionWatch::renew);
  }

  void close() {
    watches.values().forEach(PositionWatch::close);
  }

  /** Returns the last known position of the primary, or null. */
  @Nullable WalPosition primary() {
    Primary now = primary;
    return now == null ? null : now.position();
  }

  /** Returns the first position that was seen of the primary's timeline, or null. */
  @Nullable Floor anchor() {
    Primary now = primary;
    return now == null ? null : now.anchor();
  }

  /** Returns the last known position of a node, or null. */
  @Nullable WalPosition of(PoolNode node) {
    PositionWatch watch = watches.get(node);
    return watch == null ? null : watch.latest();
  }

  /** Asks the nodes at once, all of them: any may be the primary. */
  void demand() {
    watches.values().forEach(PositionWatch::demand);
  }

  /**
   * Waits until something is so, looking after each answer of the nodes, which are asked all the
   * time.
   *
   * @return whether it is so
   */
  boolean await(List<PoolNode> asked, BooleanSupplier wanted, long nanos)
      throws InterruptedException {
    List<PositionWatch> polled = asked.stream().map(watches::get).filter(Objects::nonNull).toList();
    polled.forEach(PositionWatch::await);
    try {
      return awaitNews(wanted, nanos);
    } finally {
      polled.forEach(PositionWatch::waited);
    }
  }

  /** What is wanted is looked at without the lock: it takes others. */
  private boolean awaitNews(BooleanSupplier wanted, long nanos) throws InterruptedException {
    long remaining = nanos;
    while (true) {
      long seen = answers.get();
      if (wanted.getAsBoolean()) {
        return true;
      }
      if (remaining <= 0) {
        return false;
      }
      remaining = awaitAnswer(seen, remaining);
    }
  }

  private long awaitAnswer(long seen, long nanos) throws InterruptedException {
    long remaining = nanos;
    lock.lockInterruptibly();
    try {
      while (answers.get() == seen && remaining > 0) {
        remaining = news.awaitNanos(remaining);
      }
      return remaining;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reached(PoolNode node, WalPosition position) {
    if (position.writable()) {
      inserted(node, position);
    } else {
      lag.replayed(node, position);
    }
    lock.lock();
    try {
      answers.incrementAndGet();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void inserted(PoolNode node, WalPosition position) {
    Primary now;
    lock.lock();
    try {
      Primary before = primary;
      now = before == null ? Primary.first(node, position) : before.next(node, position);
      primary = now;
    } finally {
      lock.unlock();
    }
    if (now.position().equals(position)) {
      lag.inserted(node, position);
    }
  }
}
