package dev.perfkit.crypto;

import java.security.GeneralSecurityException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The JCE ciphers of one key and direction, each used by one thread at a time. A thread begins its
 * search at a slot of its own, so threads that run at the same time rarely meet; any number of
 * threads, virtual ones too, share the few slots.
 *
 * <p>When more threads run than there are processors, some are stopped in the middle of a message
 * and keep their slots; the others then use spare ciphers, of which up to {@link #MAX_SPARE} are
 * kept. To make one instead takes longer than to encrypt a kilobyte.
 *
 * <p>A slot is taken by raising its flag; the cipher stays where it is. Moving the reference out
 * and in would need no flag, but a store of a reference costs a fence under G1.
 */
final class CipherPool {

  /** Entries between two slots, so that no two slots share a cache line. */
  private static final int STRIDE = 16;

  private static final int NO_SLOT = -1;

  /** So many that threads which were stopped with a cipher in hand rarely meet the running ones. */
  private static final int SLOTS_PER_PROCESSOR = 8;

  /** How many ciphers without a slot wait for use at most. */
  static final int MAX_SPARE = 32;

  private final Engine engine;
  private final AtomicIntegerArray taken;
  private final AtomicReferenceArray<@Nullable PooledCipher> ciphers;
  private final int mask;
  private final Deque<PooledCipher> spare = new ConcurrentLinkedDeque<>();
  private final AtomicInteger spares = new AtomicInteger();
  private volatile boolean closed;

  CipherPool(Engine engine) {
    this(engine, Runtime.getRuntime().availableProcessors());
  }

  CipherPool(Engine engine, int processors) {
    this.engine = engine;
    int count = SLOTS_PER_PROCESSOR * Integer.highestOneBit(Math.min(processors, 32) * 2 - 1);
    taken = new AtomicIntegerArray(count * STRIDE);
    ciphers = new AtomicReferenceArray<>(count * STRIDE);
    mask = count - 1;
  }

  /** Returns a cipher that nobody else uses until it is given back, which must happen. */
  PooledCipher take() throws GeneralSecurityException {
    int slot = takeSlot();
    try {
      PooledCipher idle = slot == NO_SLOT ? takeSpare() : ciphers.getPlain(slot);
      return idle != null && idle.isUsable() ? idle : engine.create(slot);
    } catch (GeneralSecurityException | RuntimeException | Error failure) {
      free(slot);
      throw failure;
    }
  }

  /**
   * Takes a cipher back.
   *
   * @param succeeded whether its last operation did; otherwise it is dropped, since it is in an
   *     unknown state
   */
  void give(PooledCipher cipher, boolean succeeded) {
    int slot = cipher.slot();
    if (closed) {
      cipher.gcm().forgetKey();
    }
    if (slot == NO_SLOT) {
      if (succeeded) {
        giveSpare(cipher);
      }
      return;
    }
    if (ciphers.getPlain(slot) != cipher || !succeeded || closed) {
      ciphers.set(slot, succeeded ? cipher : null);
      if (closed) {
        ciphers.set(slot, null);
      }
    }
    free(slot);
  }

  /** Drops all ciphers, and those given back from now on; each is made to forget its key. */
  void close() {
    closed = true;
    for (int slot = 0; slot < ciphers.length(); slot += STRIDE) {
      boolean idle = taken.compareAndSet(slot, 0, 1);
      PooledCipher dropped = ciphers.getAndSet(slot, null);
      if (idle) {
        if (dropped != null) {
          dropped.gcm().forgetKey();
        }
        free(slot);
      }
    }
    dropSpares();
  }

  /** Returns how many ciphers wait for use. */
  int idle() {
    int count = spare.size();
    for (int slot = 0; slot < ciphers.length(); slot += STRIDE) {
      count += ciphers.get(slot) == null || taken.get(slot) != 0 ? 0 : 1;
    }
    return count;
  }

  int capacity() {
    return mask + 1;
  }

  private @Nullable PooledCipher takeSpare() {
    PooledCipher idle = spare.pollFirst();
    if (idle != null) {
      spares.decrementAndGet();
    }
    return idle;
  }

  private void giveSpare(PooledCipher cipher) {
    if (spares.incrementAndGet() > MAX_SPARE) {
      spares.decrementAndGet();
      return;
    }
    spare.addFirst(cipher);
    if (closed) {
      dropSpares();
    }
  }

  private void dropSpares() {
    for (PooledCipher idle = takeSpare(); idle != null; idle = takeSpare()) {
      idle.gcm().forgetKey();
    }
  }

  private int takeSlot() {
    int first = Stripes.ofThread();
    for (int i = 0; i <= mask; i++) {
      int slot = ((first + i) & mask) * STRIDE;
      if (taken.getPlain(slot) == 0 && taken.compareAndSet(slot, 0, 1)) {
        return slot;
      }
    }
    return NO_SLOT;
  }

  private void free(int slot) {
    if (slot != NO_SLOT) {
      taken.setRelease(slot, 0);
    }
  }
}
