package dev.perfkit.crypto;

import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The JCE ciphers of one key and direction, each used by one thread at a time. A thread begins its
 * search at a slot of its own, so threads that run at the same time rarely meet; any number of
 * threads, virtual ones too, share the few slots. When all are in use a new cipher is made; when
 * all are full the returned one is dropped.
 */
final class CipherPool {

  /** References between two slots, so that no two slots share a cache line. */
  private static final int STRIDE = 16;

  private final AtomicReferenceArray<@Nullable PooledCipher> slots;
  private final int mask;
  private final Engine engine;
  private volatile boolean closed;

  CipherPool(Engine engine) {
    this(engine, Runtime.getRuntime().availableProcessors());
  }

  CipherPool(Engine engine, int processors) {
    this.engine = engine;
    int count = Math.max(4, Integer.highestOneBit(Math.min(processors, 64) * 2 - 1) * 2);
    slots = new AtomicReferenceArray<>(count * STRIDE);
    mask = count - 1;
  }

  /** Returns a cipher that nobody else uses until it is given back. */
  PooledCipher take() throws GeneralSecurityException {
    int first = Stripes.ofThread();
    for (int i = 0; i <= mask; i++) {
      int slot = ((first + i) & mask) * STRIDE;
      if (slots.getPlain(slot) != null) {
        PooledCipher cipher = slots.getAndSet(slot, null);
        if (cipher != null && cipher.generation() == engine.generation()) {
          return cipher;
        }
      }
    }
    return engine.create();
  }

  /** Takes back a cipher whose last operation succeeded; one that failed must be dropped. */
  void give(PooledCipher cipher) {
    int first = Stripes.ofThread();
    for (int i = 0; i <= mask; i++) {
      int slot = ((first + i) & mask) * STRIDE;
      if (slots.getPlain(slot) == null) {
        // Two threads may do so at once; then one idle cipher is lost, which costs less than a CAS.
        slots.setRelease(slot, cipher);
        break;
      }
    }
    if (closed) {
      dropAll();
    }
  }

  /** Drops all ciphers, and those given back from now on. */
  void close() {
    closed = true;
    dropAll();
  }

  /** Returns how many ciphers wait for use. */
  int idle() {
    int count = 0;
    for (int slot = 0; slot < slots.length(); slot += STRIDE) {
      count += slots.get(slot) == null ? 0 : 1;
    }
    return count;
  }

  int capacity() {
    return mask + 1;
  }

  private void dropAll() {
    for (int slot = 0; slot < slots.length(); slot += STRIDE) {
      slots.set(slot, null);
    }
  }
}
