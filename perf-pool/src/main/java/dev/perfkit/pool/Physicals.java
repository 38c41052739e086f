package dev.perfkit.pool;

import dev.perfkit.spi.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** The physical connections that sessions have met, for as long as they exist. */
final class Physicals {

  private final TimeSource timeSource;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Connection, Physical> seen = new WeakHashMap<>();

  Physicals(TimeSource timeSource) {
    this.timeSource = timeSource;
  }

  Physical of(Lease lease) throws SQLException {
    Connection physical = lease.connection.unwrap(Connection.class);
    lock.lock();
    try {
      return seen.computeIfAbsent(physical, c -> new Physical(timeSource.nanoTime()));
    } finally {
      lock.unlock();
    }
  }
}
