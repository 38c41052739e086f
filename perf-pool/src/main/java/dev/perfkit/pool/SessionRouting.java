package dev.perfkit.pool;

import dev.perfkit.spi.TimeSource;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Gets connections for sessions that have something to see, and notes what they write. */
final class SessionRouting {

  final Router router;
  final Topology topology;
  final Replication replication;
  final ReadYourWrites mode;
  final long waitNanos;
  final FallbackLimit limit;
  final SessionMeters meters;
  final TimeSource timeSource;
  private final Physicals physicals;
  private final WalQuery query;

  SessionRouting(
      Router router,
      Topology topology,
      Replication replication,
      ReplicaReads reads,
      FallbackLimit limit,
      SessionMeters meters,
      TimeSource timeSource,
      WalQuery query) {
    this.query = query;
    this.router = router;
    this.topology = topology;
    this.replication = replication;
    this.mode = reads.readYourWrites();
    this.waitNanos = reads.replayWait().toNanos();
    this.limit = limit;
    this.meters = meters;
    this.timeSource = timeSource;
    this.physicals = new Physicals(timeSource);
  }

  SessionState state(SessionToken token) {
    return SessionState.of(token, timeSource.nanoTime());
  }

  /** Returns the state of a session that starts with a text from outside. */
  SessionState state(String text) {
    try {
      return text.isEmpty() ? SessionState.empty() : state(SessionToken.parse(text));
    } catch (InvalidTokenException refused) {
      meters.malformed.increment();
      return SessionState.unsettled(timeSource.nanoTime());
    }
  }

  /**
   * @param failed the node that was lost a moment ago, or null
   */
  Lease borrow(SessionState session, boolean readOnly, @Nullable PoolNode failed)
      throws SQLException {
    SessionState.Need need = session.need();
    if (!readOnly) {
      return need.isFree() ? router.borrow(false) : writable(router.borrow(false));
    }
    PoolNode avoided = failed == null ? session.takeConflicted() : failed;
    if (need.isFree()) {
      return avoided == null ? router.borrow(true) : router.borrowElsewhere(avoided);
    }
    return new SessionRead(this, session, avoided).borrow();
  }

  /** Makes sure that a lease is of a primary: the node may have become a standby since. */
  Lease writable(Lease lease) throws SQLException {
    boolean writable = false;
    try {
      Physical physical = physicals.of(lease);
      WalPosition known = physical.known(replication.of(lease.node));
      // Only an end of the server makes a standby of a primary, and that ends the connection.
      if (known == null || !known.writable()) {
        known = ask(lease, physical);
      }
      writable = known == null || known.writable();
    } catch (SQLException failure) {
      router.observed(lease, failure);
      throw failure;
    } finally {
      if (!writable) {
        router.giveBackQuietly(lease);
      }
    }
    if (!writable) {
      router.wroteInVain(lease.node);
      throw Errors.notWritable(router.group(), lease.node);
    }
    return lease;
  }

  Physical physical(Lease lease) throws SQLException {
    return physicals.of(lease);
  }

  /** Reads the position over a borrowed connection, in a round trip of its own. */
  @Nullable WalPosition ask(Lease lease, Physical physical) throws SQLException {
    if (!query.isSupported(lease.connection)) {
      return null;
    }
    WalPosition read = query.position(lease.connection, physical.seenNanos, timeSource.nanoTime());
    if (!lease.node.autoCommitByDefault()) {
      lease.connection.rollback();
    }
    if (read != null) {
      physical.read(read);
    }
    return read;
  }

  /**
   * Reads the position of what was committed on a connection; a failure is the session's loss and
   * not the caller's.
   */
  void capture(SessionState session, Lease lease) {
    try {
      session.captured(inserted(lease));
      meters.captured.increment();
    } catch (SQLException failure) {
      notCaptured(session, lease, failure);
    }
  }

  void notCaptured(SessionState session, Lease lease, SQLException failure) {
    router.observed(lease, failure);
    session.notCaptured();
    meters.notCaptured.increment();
  }

  private Floor inserted(Lease lease) throws SQLException {
    if (!query.isSupported(lease.connection)) {
      throw new SQLException("the database tells no log position", "0A000");
    }
    return query.inserted(lease.connection, replication.primary(), timeSource.nanoTime());
  }

  void read(SessionState session, Lease lease) {
    session.read(new SessionState.Read(lease.node, lease.usedNanos, timeSource.nanoTime()));
  }

  /**
   * Replaces a position that the primary has not reached although it was asked later: it is forged,
   * or of writes that were lost.
   *
   * @return whether it did
   */
  boolean unmask(SessionState session) {
    Floor floor = session.need().floor();
    WalPosition primary = replication.primary();
    if (floor == null || primary == null) {
      return false;
    }
    boolean beyond =
        floor.system() == primary.system()
            && floor.timeline() == primary.timeline()
            && floor.lsn() > primary.lsn()
            && primary.wasAskedSince(floor.sinceNanos());
    if (beyond) {
      meters.beyond.increment();
      session.replace(floor, primary.floor());
    }
    return beyond;
  }
}
