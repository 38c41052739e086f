package dev.perfkit.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The source of truth of several processes, and the history of its writes, in a file that all of
 * them have in memory: who is killed or frozen takes nothing along. Times are those of {@link
 * System#nanoTime}, which on Linux is one clock for all processes of a machine.
 */
final class Board {

  static final int KEYS = 6;
  static final int NODES = 4;

  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int RING = 512;
  private static final int SOURCE = 0;
  private static final int OWNER = 1;
  private static final int NEXT = 2;
  private static final int ACKED = 3;
  private static final int DELIVERED = 4;
  private static final int COPY = 5;
  private static final int FIRST = 8;
  private static final int LONGS_OF_KEY = FIRST + 2 * RING;

  /** Where the writes go that the copy has yet to replay: position and key, version. */
  private static final int POSITION = NODES + KEYS * LONGS_OF_KEY;

  private static final int REPLAYED = POSITION + 1;
  private static final int LOG = POSITION + 2;
  private static final int LOG_LENGTH = 8192;

  private final MappedByteBuffer memory;

  Board(Path file) {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      int size = 8 * (LOG + 2 * LOG_LENGTH);
      this.memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, size);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  // Operations that were done.

  void count(int node) {
    long unused = (long) LONGS.getAndAdd(memory, 8 * node, 1L);
  }

  long operations() {
    long all = 0;
    for (int node = 0; node < NODES; node++) {
      all += (long) LONGS.getVolatile(memory, 8 * node);
    }
    return all;
  }

  // The source: the version of each key.

  long source(int key) {
    return get(key, SOURCE);
  }

  void source(int key, long version) {
    set(key, SOURCE, version);
  }

  // A copy of the source that lags.

  /** Notes, under the lock of the key, a write that the copy is to replay; returns its position. */
  long log(int key, long version) {
    long position = (long) LONGS.getAndAdd(memory, 8 * POSITION, 1L) + 1;
    if (position - replayed() > LOG_LENGTH) {
      throw new IllegalStateException("the copy lags by more than its log holds");
    }
    LONGS.setVolatile(memory, logged(position) + 8, version);
    LONGS.setVolatile(memory, logged(position), position * KEYS + key);
    return position;
  }

  /** Has the copy replay what was logged; for one thread. */
  void replay() {
    long position = replayed() + 1;
    long at = (long) LONGS.getVolatile(memory, logged(position));
    while (at / KEYS == position) {
      set((int) (at % KEYS), COPY, (long) LONGS.getVolatile(memory, logged(position) + 8));
      LONGS.setVolatile(memory, 8 * REPLAYED, position);
      position++;
      at = (long) LONGS.getVolatile(memory, logged(position));
    }
  }

  private static int logged(long position) {
    return 8 * (LOG + 2 * (int) (position % LOG_LENGTH));
  }

  /** Returns how far the copy is. */
  long replayed() {
    return (long) LONGS.getVolatile(memory, 8 * REPLAYED);
  }

  /** Returns the version that the copy has; 1 until it was written. */
  long copy(int key) {
    return Math.max(1, get(key, COPY));
  }

  /** One at a time writes a key. */
  boolean tryLock(int key, long owner) {
    return LONGS.compareAndSet(memory, at(key, OWNER), 0L, owner);
  }

  void unlock(int key, long owner) {
    boolean unused = LONGS.compareAndSet(memory, at(key, OWNER), owner, 0L);
  }

  /** Ends the writes of a process that is dead; nobody knows what became of them. */
  void unlockAll(long owner) {
    for (int key = 0; key < KEYS; key++) {
      unlock(key, owner);
    }
  }

  // What was acknowledged: to whom wrote it, and by Redis.

  /** Notes, under the lock, that a write was acknowledged; returns where. */
  int acknowledged(int key, long version) {
    long next = get(key, NEXT);
    int slot = (int) (next % RING);
    set(key, timeOf(slot), 0);
    set(key, versionOf(slot), version);
    set(key, NEXT, next + 1);
    raise(key, ACKED, version);
    return slot;
  }

  /** Notes that Redis has what was noted there. */
  void delivered(int key, int slot, long version, long now) {
    if (get(key, versionOf(slot)) == version) {
      set(key, timeOf(slot), now);
      raise(key, DELIVERED, version);
    }
  }

  private void raise(int key, int field, long version) {
    long now = get(key, field);
    while (now < version && !LONGS.compareAndSet(memory, at(key, field), now, version)) {
      now = get(key, field);
    }
  }

  /** Returns the newest version that Redis has for sure. */
  long newestDelivered(int key) {
    return get(key, DELIVERED);
  }

  /** Returns the newest version that Redis had at a time. */
  long newestAt(int key, long time) {
    long newest = 0;
    for (int slot = 0; slot < RING; slot++) {
      long version = get(key, versionOf(slot));
      long since = get(key, timeOf(slot));
      if (version > newest && since != 0 && since - time < 0 && isStill(key, slot, version)) {
        newest = version;
      }
    }
    return newest;
  }

  /** Returns how long Redis had a newer version than that at a time; 0 if it had none. */
  long staleNanos(int key, long version, long time) {
    long longest = 0;
    for (int slot = 0; slot < RING; slot++) {
      long newer = get(key, versionOf(slot));
      long since = get(key, timeOf(slot));
      if (newer > version && since != 0 && isStill(key, slot, newer)) {
        longest = Math.max(longest, time - since);
      }
    }
    return longest;
  }

  /** The time was noted for that version, not for one before or after it. */
  private boolean isStill(int key, int slot, long version) {
    return get(key, versionOf(slot)) == version;
  }

  private static int versionOf(int slot) {
    return FIRST + 2 * slot;
  }

  private static int timeOf(int slot) {
    return FIRST + 2 * slot + 1;
  }

  private long get(int key, int field) {
    return (long) LONGS.getVolatile(memory, at(key, field));
  }

  private void set(int key, int field, long value) {
    LONGS.setVolatile(memory, at(key, field), value);
  }

  private static int at(int key, int field) {
    return 8 * (NODES + key * LONGS_OF_KEY + field);
  }
}
