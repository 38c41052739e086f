package dev.perfkit.pool;

import org.jspecify.annotations.Nullable;

/**
 * Which session a thread is in.
 *
 * <p>A thread-local of one reference: it costs a virtual thread nothing that stays, and is not
 * looked at before the first session was opened. A session closed by another thread is skipped and
 * forgotten by the next look.
 */
final class Sessions {

  /** A session and the one around it. */
  record Binding(@Nullable Session session, @Nullable Binding outer) {}

  private final Router router;
  private final SessionRouting routing;

  @SuppressWarnings("ThreadLocalUsage") // A static one would mix the sessions of all groups.
  private final ThreadLocal<@Nullable Binding> current = new ThreadLocal<>();

  private volatile boolean used;

  Sessions(Router router, SessionRouting routing) {
    this.router = router;
    this.routing = routing;
  }

  Session open(SessionToken token) {
    return open(routing.state(token));
  }

  Session open(String untrusted) {
    return open(routing.state(untrusted));
  }

  private Session open(SessionState state) {
    Session session = new Session(state, this, routing, router);
    bind(session);
    return session;
  }

  @Nullable Session current() {
    return used ? look() : null;
  }

  private @Nullable Session look() {
    Binding binding = current.get();
    if (binding != null && isOver(binding)) {
      binding = unbindClosed();
    }
    return binding == null ? null : binding.session();
  }

  private static boolean isOver(Binding binding) {
    Session session = binding.session();
    return session == null || session.state().isClosed();
  }

  /** Puts the calling thread into a session and returns what it was in. */
  Binding bind(Session session) {
    used = true;
    Binding before = current.get();
    current.set(new Binding(session, before));
    return before == null ? new Binding(null, null) : before;
  }

  void restore(Binding before) {
    if (before.session() == null) {
      current.remove();
    } else {
      current.set(before);
    }
  }

  /** Leaves the sessions that are closed, and returns the one the calling thread is in now. */
  @Nullable Binding unbindClosed() {
    Binding binding = current.get();
    while (binding != null && isOver(binding)) {
      binding = binding.outer();
    }
    if (binding == null) {
      current.remove();
    } else {
      current.set(binding);
    }
    return binding;
  }
}
