package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.crypto.RingStore.Stored;
import dev.perfkit.spi.TimeSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The newest state of a keyring that this process knows, and how it changes: by compare-and-set in
 * the store, then here, then in every cipher that follows. A lock keeps changes of this process in
 * turn and is held while the store is asked; messages never wait for it.
 */
final class KeyringCore {

  static final long UNKNOWN_KEY_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MAX_ATTEMPTS = 20;
  private static final long MAX_WAIT_MILLIS = 2_000;

  private final RingStore store;
  private final TimeSource time;
  private final ReentrantLock turn = new ReentrantLock();
  private final List<Consumer<Ring>> followers = new CopyOnWriteArrayList<>();
  private final AtomicLong nextUnknown;
  private volatile @Nullable Stored current;
  private boolean closed;

  KeyringCore(RingStore store, TimeSource time) {
    this.store = store;
    this.time = time;
    this.nextUnknown = new AtomicLong(time.nanoTime());
  }

  Ring ring() {
    return known().ring();
  }

  long generation() {
    return known().generation();
  }

  /** Reads the keyring, or writes the first one if there is none. */
  void load(Supplier<Keyset> initial) {
    turn.lock();
    try {
      if (!store.exists()) {
        // Who loses the race reads what the winner wrote.
        store.save(Ring.of(initial.get(), time.currentTimeMillis()), 0);
      }
      install(store.newerThan(0).orElseThrow());
    } finally {
      turn.unlock();
    }
  }

  /** Calls a follower with the ring of now, and with each later one, in order. */
  void follow(Consumer<Ring> follower) {
    turn.lock();
    try {
      follower.accept(ring());
      followers.add(follower);
    } finally {
      turn.unlock();
    }
  }

  void unfollow(Consumer<Ring> follower) {
    followers.remove(follower);
  }

  /** Takes over what others wrote; returns whether there was anything. */
  boolean refresh() {
    turn.lock();
    try {
      requireOpen();
      Optional<Stored> newer = store.newerThan(generation());
      newer.ifPresent(this::install);
      return newer.isPresent();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Takes a step from the newest state.
   *
   * @param beforeWriting is told the next state before it is written, and may throw to prevent it
   */
  Ring update(UnaryOperator<Ring> step, Consumer<Ring> beforeWriting) {
    turn.lock();
    try {
      requireOpen();
      for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        Stored now = known();
        Ring next = step.apply(now.ring());
        if (next.equals(now.ring())) {
          return next;
        }
        beforeWriting.accept(next);
        if (store.save(next, now.generation())) {
          install(new Stored(next, now.generation() + 1));
          return next;
        }
        refresh();
      }
    } finally {
      turn.unlock();
    }
    throw new KeysetException(
        Reason.BUSY, "others changed the keyring " + MAX_ATTEMPTS + " times meanwhile; try again");
  }

  /**
   * Asks the store once when a ciphertext names an unknown key: at most once a second, one thread
   * at a time. Those that come meanwhile wait for its answer, two seconds at most.
   */
  void refreshForUnknownKey() {
    long now = time.nanoTime();
    long next = nextUnknown.get();
    if (now - next >= 0 && nextUnknown.compareAndSet(next, now + UNKNOWN_KEY_INTERVAL_NANOS)) {
      refreshQuietly();
    } else if (turn.isLocked()) {
      awaitTurn();
    }
  }

  /** Ends changes and closes the store, whose secrets are then gone. */
  void close() {
    turn.lock();
    try {
      closed = true;
      store.close();
    } finally {
      turn.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the keyring is closed");
    }
  }

  private void refreshQuietly() {
    try {
      refresh();
    } catch (KeysetException | IllegalStateException away) {
      // The caller gets the error about its key; the next regular refresh tells of the store.
    }
  }

  private void awaitTurn() {
    try {
      if (turn.tryLock(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        turn.unlock();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void install(Stored next) {
    Stored old = current;
    current = next;
    if (old == null || !old.ring().servesAs(next.ring())) {
      followers.forEach(follower -> follower.accept(next.ring()));
    }
  }

  private Stored known() {
    return Objects.requireNonNull(current, "not loaded yet");
  }
}
