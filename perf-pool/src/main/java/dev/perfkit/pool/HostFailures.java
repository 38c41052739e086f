package dev.perfkit.pool;

import dev.perfkit.spi.TimeSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what a host's telemetry and events throw: the first failure, then one a minute. */
final class HostFailures implements Consumer<Throwable> {

  private static final Logger LOG = LoggerFactory.getLogger(PoolGroup.class);
  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String group;
  private final TimeSource timeSource;
  private final AtomicLong next;

  HostFailures(String group, TimeSource timeSource) {
    this.group = group;
    this.timeSource = timeSource;
    this.next = new AtomicLong(timeSource.nanoTime());
  }

  @Override
  public void accept(Throwable failure) {
    long now = timeSource.nanoTime();
    long due = next.get();
    if (now - due >= 0 && next.compareAndSet(due, now + PAUSE_NANOS)) {
      LOG.warn("pool group '{}': the host's telemetry or event sink failed", group, failure);
    }
  }
}
