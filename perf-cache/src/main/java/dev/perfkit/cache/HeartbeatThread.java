package dev.perfkit.cache;

import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs heartbeats and recovery: the scheduler of the host, or one of the cache's own that is
 * stopped with it.
 */
final class HeartbeatThread {

  private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(2);

  private final String cache;
  private final ScheduledExecutorService scheduler;
  private final boolean ours;

  private HeartbeatThread(String cache, ScheduledExecutorService scheduler, boolean ours) {
    this.cache = cache;
    this.scheduler = scheduler;
    this.ours = ours;
  }

  static HeartbeatThread of(String cache, @Nullable ScheduledExecutorService host) {
    return host == null
        ? new HeartbeatThread(cache, WorkerThreads.scheduler("cache", cache, 1), true)
        : new HeartbeatThread(cache, host, false);
  }

  ScheduledExecutorService scheduler() {
    return scheduler;
  }

  void stop() {
    if (ours && !WorkerThreads.stop(scheduler, STOP_WITHIN)) {
      LOG.warn("cache '{}': its recovery did not stop in {}", cache, STOP_WITHIN);
    }
  }
}
