package dev.perfkit.crypto;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The subkeys that were used last. A reader takes no lock: it notes the number of insertions so
 * far, which costs a write only after an insertion. Whoever inserts one too many looks for the
 * oldest note, which is little beside the derivation before it.
 */
final class SubkeyCache {

  private final int capacity;
  private final Map<Subkey.Salt, Entry> entries = new ConcurrentHashMap<>();
  private final ReentrantLock inserting = new ReentrantLock();
  private volatile long insertions;

  SubkeyCache(int capacity) {
    this.capacity = capacity;
  }

  @Nullable Subkey find(byte[] sealed, int offset) {
    Entry entry = entries.get(Subkey.Salt.at(sealed, offset + Subkey.SALT_AT));
    if (entry == null) {
      return null;
    }
    entry.touch(insertions);
    return entry.subkey;
  }

  /** Adds a subkey, which belongs to the cache from now on; erases those that have to go. */
  void add(Subkey subkey) {
    inserting.lock();
    try {
      long number = insertions + 1;
      insertions = number;
      Entry replaced = entries.put(subkey.salt(), new Entry(subkey, number));
      if (replaced != null && replaced.subkey != subkey) {
        replaced.subkey.destroy();
      }
      while (entries.size() > capacity) {
        removeOldest();
      }
    } finally {
      inserting.unlock();
    }
  }

  void clear() {
    inserting.lock();
    try {
      entries.values().forEach(entry -> entry.subkey.destroy());
      entries.clear();
    } finally {
      inserting.unlock();
    }
  }

  int size() {
    return entries.size();
  }

  private void removeOldest() {
    Entry oldest = null;
    for (Entry entry : entries.values()) {
      if (oldest == null || entry.used < oldest.used) {
        oldest = entry;
      }
    }
    if (oldest != null) {
      entries.remove(oldest.subkey.salt());
      oldest.subkey.destroy();
    }
  }

  private static final class Entry {

    final Subkey subkey;
    volatile long used;

    Entry(Subkey subkey, long used) {
      this.subkey = subkey;
      this.used = used;
    }

    void touch(long now) {
      if (used != now) {
        used = now;
      }
    }
  }
}
