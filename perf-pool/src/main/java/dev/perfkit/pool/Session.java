package dev.perfkit.pool;

import dev.perfkit.spi.Beta;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A scope whose reads see its own writes, and never less than they saw before.
 *
 * <p>Opened by {@link PoolGroup#openSession()}, it is seen by every connection that the opening
 * thread, virtual or not, gets from the group until it is closed; sessions may be nested, the inner
 * one counts. Other threads take part through {@link #call}, or through the data sources of the
 * session, which know it without any thread. A connection belongs to the session it was got in.
 *
 * <p>Its {@link #token} carries it on: to the next request, or to another process. A session holds
 * no resource, so one that is never closed leaks nothing but its hold on the thread. Safe for use
 * by any number of threads.
 */
@Beta
public final class Session implements AutoCloseable {

  private final SessionState state;
  private final Sessions sessions;
  private final SessionRouting routing;
  private final @Nullable SessionLink link;
  private final DataSource dataSource;
  private final DataSource reader;

  Session(SessionState state, Sessions sessions, SessionRouting routing, Router router) {
    this.state = state;
    this.sessions = sessions;
    this.routing = routing;
    this.link = routing.mode == ReadYourWrites.NONE ? null : new SessionLink(routing, state);
    this.dataSource = new GroupDataSource(router, false, this, sessions);
    this.reader = new GroupDataSource(router, true, this, sessions);
  }

  SessionState state() {
    return state;
  }

  /**
   * Returns what reads must see from now on, to go on with in another session. While a connection
   * of this session that has written is in use outside of a committed transaction, and after a
   * commit whose outcome is not known, it says "the primary".
   */
  public SessionToken token() {
    routing.unmask(state);
    return state.token();
  }

  /** Returns what connections tell this session through; null if nothing is to be told. */
  @Nullable SessionLink link() {
    return link;
  }

  /** Returns the group's connections, within this session on any thread. */
  public DataSource dataSource() {
    return dataSource;
  }

  /** Returns the group's read-only connections, within this session on any thread. */
  public DataSource reader() {
    return reader;
  }

  /**
   * Runs something on the calling thread with this session open for it.
   *
   * @return what it returns
   * @throws Exception what it throws
   */
  public <T> T call(Callable<T> work) throws Exception {
    Sessions.Binding before = sessions.bind(this);
    try {
      return work.call();
    } finally {
      sessions.restore(before);
    }
  }

  /**
   * Ends the scope; connections got after it are not in it any more, those in use stay. May be
   * called by any thread; further calls do nothing.
   */
  @Override
  public void close() {
    state.close();
    sessions.unbindClosed();
  }

  @Override
  public String toString() {
    return "Session[" + token() + "]";
  }
}
