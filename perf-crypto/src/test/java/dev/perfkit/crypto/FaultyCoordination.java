package dev.perfkit.crypto;

import dev.perfkit.crypto.cluster.Coordination;
import dev.perfkit.crypto.cluster.Member;
import dev.perfkit.crypto.cluster.StoredRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A store that is away, or never answers, when a test says so, before or after it did what it was
 * asked.
 */
final class FaultyCoordination implements Coordination {

  private final Coordination delegate;
  final AtomicLong calls = new AtomicLong();

  /** How many more calls work; negative: all. */
  long callsLeft = -1;

  /** When set, calls wait for it. */
  @Nullable CountDownLatch hanging;

  /** Whether the call that fails takes effect all the same. */
  boolean failAfterEffect;

  FaultyCoordination(Coordination delegate) {
    this.delegate = delegate;
  }

  void away() {
    callsLeft = 0;
  }

  void back() {
    callsLeft = -1;
  }

  @Override
  public Optional<StoredRecord> read(String name) throws IOException {
    return call(() -> delegate.read(name));
  }

  @Override
  public boolean compareAndSet(String name, long expectedVersion, byte[] value) throws IOException {
    return call(() -> delegate.compareAndSet(name, expectedVersion, value));
  }

  @Override
  public void announce(String group, String member, String note, Duration lease)
      throws IOException {
    call(
        () -> {
          delegate.announce(group, member, note, lease);
          return true;
        });
  }

  @Override
  public void leave(String group, String member) throws IOException {
    call(
        () -> {
          delegate.leave(group, member);
          return true;
        });
  }

  @Override
  public List<Member> members(String group) throws IOException {
    return call(() -> delegate.members(group));
  }

  private static void hang(CountDownLatch until) throws IOException {
    try {
      until.await();
    } catch (InterruptedException interrupted) {
      throw new IOException("interrupted", interrupted);
    }
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private <T> T call(Call<T> call) throws IOException {
    calls.incrementAndGet();
    CountDownLatch until = hanging;
    if (until != null) {
      hang(until);
    }
    if (callsLeft == 0) {
      if (failAfterEffect) {
        call.run();
        failAfterEffect = false;
      }
      throw new IOException("away");
    }
    if (callsLeft > 0) {
      callsLeft = callsLeft - 1;
    }
    return call.run();
  }
}
