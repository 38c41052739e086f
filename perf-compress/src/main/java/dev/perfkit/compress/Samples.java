package dev.perfkit.compress;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Copies of some of the values that pass, bounded in bytes: the first ones, and then every
 * sixteenth in the place of a random one, so that they follow what is written nowadays. Who finds
 * them in use passes on without one.
 */
final class Samples {

  private static final int EVERY = 16;

  /** One value is at most this part of all. */
  private static final int LARGEST_PART = 64;

  private final long maximumBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<byte[]> kept = new ArrayList<>();
  private final AtomicLong offered = new AtomicLong();
  private long bytes;
  private volatile boolean full;

  Samples(long maximumBytes) {
    this.maximumBytes = maximumBytes;
  }

  void offer(byte[] value) {
    boolean due = !full || offered.incrementAndGet() % EVERY == 0;
    if (!due || value.length > maximumBytes / LARGEST_PART || !lock.tryLock()) {
      return;
    }
    try {
      while (bytes + value.length > maximumBytes) {
        full = true;
        dropAny();
      }
      kept.add(value.clone());
      bytes += value.length;
    } finally {
      lock.unlock();
    }
  }

  private void dropAny() {
    int last = kept.size() - 1;
    int dropped = ThreadLocalRandom.current().nextInt(kept.size());
    bytes -= kept.get(dropped).length;
    kept.set(dropped, kept.get(last));
    kept.remove(last);
  }

  /** Returns how many bytes there are. */
  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  List<byte[]> copy() {
    lock.lock();
    try {
      return List.copyOf(kept);
    } finally {
      lock.unlock();
    }
  }

  void clear() {
    lock.lock();
    try {
      kept.clear();
      bytes = 0;
      full = false;
    } finally {
      lock.unlock();
    }
  }
}
