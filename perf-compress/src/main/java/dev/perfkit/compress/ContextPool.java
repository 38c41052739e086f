package dev.perfkit.compress;

import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Contexts of one kind: at most so many exist at once, those not in use are kept for the next.
 *
 * <p>Work with a context is computation only and never takes a second context, so a thread that
 * finds all in use waits for a processor rather than for a lock, and no cycle can form. A context
 * that failed is closed, not kept. After {@link #close} contexts are still given out, but none is
 * kept: a call that comes late is slower, not wrong.
 *
 * <p>A pool that is forgotten instead of closed is emptied by a {@link Cleaner}: whoever uses a
 * context holds the pool, so all contexts of a forgotten pool are on its shelf.
 */
final class ContextPool<C extends NativeContext> implements AutoCloseable {

  private static final Cleaner CLEANER = Cleaner.create();

  private final Shelf<C> shelf;
  private final Cleaner.Cleanable cleanable;

  ContextPool(int maximum, Supplier<C> factory) {
    this.shelf = new Shelf<>(maximum, factory);
    this.cleanable = CLEANER.register(this, shelf::close);
  }

  /** Returns how many contexts a process of this machine needs at most: two for each processor. */
  static int defaultMaximum() {
    return Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
  }

  /** Returns a context, which the caller gives back in any case. */
  C acquire() {
    return shelf.take();
  }

  void release(C context) {
    shelf.giveBack(context);
  }

  /** Returns how many contexts exist, in use or kept; a reader that does not hold the pool. */
  IntSupplier open() {
    return shelf::open;
  }

  @Override
  public void close() {
    cleanable.clean();
  }

  /** The contexts; apart from the pool, so that the cleaner does not hold the pool. */
  private static final class Shelf<C extends NativeContext> {

    private final int maximum;
    private final Supplier<C> factory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final ArrayDeque<C> idle = new ArrayDeque<>();
    private boolean closed;
    private final AtomicInteger open = new AtomicInteger();

    Shelf(int maximum, Supplier<C> factory) {
      this.maximum = maximum;
      this.factory = factory;
    }

    int open() {
      return open.get();
    }

    C take() {
      C kept = takeKept();
      if (kept != null) {
        return kept;
      }
      boolean made = false;
      try {
        C context = factory.get();
        made = true;
        return context;
      } finally {
        if (!made) {
          changeOpen(-1);
        }
      }
    }

    /** Returns a kept context, or null if the caller is to make one, which is counted already. */
    private @Nullable C takeKept() {
      lock.lock();
      try {
        while (idle.isEmpty() && open.get() >= maximum) {
          freed.awaitUninterruptibly();
        }
        C kept = idle.pollLast();
        if (kept == null) {
          changeOpen(1);
        }
        return kept;
      } finally {
        lock.unlock();
      }
    }

    void giveBack(C context) {
      if (!keep(context)) {
        closeAll(List.of(context));
      }
    }

    private boolean keep(C context) {
      lock.lock();
      try {
        if (closed || !context.isReusable()) {
          return false;
        }
        idle.addLast(context);
        freed.signal();
        return true;
      } finally {
        lock.unlock();
      }
    }

    void close() {
      List<C> kept;
      lock.lock();
      try {
        closed = true;
        kept = new ArrayList<>(idle);
        idle.clear();
      } finally {
        lock.unlock();
      }
      closeAll(kept);
    }

    private void closeAll(List<C> contexts) {
      for (C context : contexts) {
        try {
          context.close();
        } finally {
          changeOpen(-1);
        }
      }
    }

    private void changeOpen(int by) {
      lock.lock();
      try {
        open.addAndGet(by);
        freed.signal();
      } finally {
        lock.unlock();
      }
    }
  }
}
