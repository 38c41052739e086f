package dev.perfkit.cache;

import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What this node knows of one shard of the cache in Redis: the sequence of its invalidations, as
 * far as they were applied here. The position is guarded by the lock; the rest is for readers.
 */
final class Shard {

  private final int index;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicLong generation = new AtomicLong();
  private volatile Standing standing = new Standing(Position.UNKNOWN, 0);
  private volatile long confirmedAt;
  private volatile boolean confirmed;
  private volatile long trustedUntil;
  private volatile boolean introduced;

  /**
   * @param now from when on it is not trusted until it is confirmed
   */
  Shard(int index, long now) {
    this.index = index;
    this.trustedUntil = now;
  }

  /**
   * How far the invalidations were applied.
   *
   * @param genesis of the sequence; 0 if Redis was never heard
   * @param sequence of the last that was applied
   * @param id that its sender gave it
   */
  record Position(long genesis, long sequence, String id) {
    static final Position UNKNOWN = new Position(0, 0, "");

    /** Returns the genesis, in hexadecimal digits, and the sequence. */
    @Override
    public String toString() {
      return HexFormat.of().toHexDigits(genesis) + " " + sequence;
    }
  }

  /**
   * What an operation begins with: a position, and the generation that it belongs to. Numbers of
   * two histories must not be compared, so whoever keeps the one keeps the other with it.
   */
  record Standing(Position position, long generation) {}

  int index() {
    return index;
  }

  ReentrantLock lock() {
    return lock;
  }

  Position position() {
    return standing.position();
  }

  Standing standing() {
    return standing;
  }

  /** Needs the lock. */
  void moveTo(Position next) {
    standing = new Standing(next, generation.get());
  }

  /** Returns the number of times that everything from this shard was dropped. */
  long generation() {
    return generation.get();
  }

  /** Makes everything invalid that was read from this shard before; a new position must follow. */
  void drop() {
    generation.incrementAndGet();
  }

  /** Notes that a read begun then agreed with what was applied. */
  void confirm(long startedAt) {
    confirmedAt = startedAt;
    confirmed = true;
  }

  boolean isConfirmed() {
    return confirmed;
  }

  /** Notes that all was asked that is asked once. */
  void introduce() {
    introduced = true;
  }

  boolean isIntroduced() {
    return introduced;
  }

  long confirmedAt() {
    return confirmedAt;
  }

  /** Returns until when values read from it are hits without another confirmation. */
  long trustedUntil() {
    return trustedUntil;
  }

  void trustUntil(long nanos) {
    trustedUntil = nanos;
  }
}
