package dev.perfkit.cache;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The dealings of one operation with Redis. */
final class RedisVisit<V> implements Visit<V> {

  private static final long LEASE_MILLIS = RedisRemote.LEASE.toMillis();

  private final RedisRemote<?, V> remote;
  private final RemoteKey key;
  private byte @Nullable [] token;
  private boolean missedTier;

  RedisVisit(RedisRemote<?, V> remote, RemoteKey key) {
    this.remote = remote;
    this.key = key;
  }

  @Override
  public @Nullable Found<V> find() {
    try {
      byte[] stored = ask(link -> link.read(key));
      if (stored == null) {
        return null;
      }
      if (stored.length == 0) {
        remote.tallies().remoteMisses.increment();
        return null;
      }
      return decode(stored);
    } catch (CodingException unreadable) {
      remote.tallies().unreadable(unreadable.reason());
      remote.tallies().remoteMisses.increment();
      return null;
    }
  }

  private Found<V> decode(byte[] stored) throws CodingException {
    remote.tallies().bytesRead.add(stored.length);
    Found<V> found = remote.decode(stored, key);
    (found.isFresh() ? remote.tallies().remoteHits : remote.tallies().remoteStale).increment();
    return found;
  }

  @Override
  public void lease() {
    byte[] mine = remote.newToken();
    Boolean granted = ask(link -> link.lease(key, mine, LEASE_MILLIS));
    if (Boolean.TRUE.equals(granted)) {
      token = mine;
    }
  }

  @Override
  public Fill fill(V value, Stamp stamp) {
    if (token == null) {
      return Fill.NOT_STORED;
    }
    byte[] stored = encode(value, stamp);
    if (stored == null) {
      release();
      return Fill.NOT_STORED;
    }
    return store(token, stored, stamp);
  }

  /**
   * Two steps, the second sent only after the answer to the first: a step that is stuck on its way
   * to Redis and arrives after a later write has lost its lease, and stores nothing.
   */
  @Override
  public Fill write(V value, Stamp stamp) {
    byte[] stored = encode(value, stamp);
    if (stored == null) {
      remove();
      return Fill.NOT_STORED;
    }
    byte[] mine = remote.newToken();
    if (ask(link -> link.begin(key, mine, LEASE_MILLIS)) == null) {
      remote.removeLater(key);
      return Fill.NOT_STORED;
    }
    Fill fill = store(mine, stored, stamp);
    if (fill == Fill.NOT_STORED) {
      remote.removeLater(key);
    }
    return fill;
  }

  @Override
  public void absent() {
    byte[] mine = token;
    if (mine != null) {
      ask(link -> link.absent(key, mine));
    }
  }

  @Override
  public void release() {
    byte[] mine = token;
    if (mine != null) {
      ask(link -> link.release(key, mine));
    }
  }

  /** Sent even if the key waits to be removed; that wait ends by its own delivery alone. */
  @Override
  public void remove() {
    if (remote.calls().ask(link -> link.remove(List.of(key))) == null) {
      remote.removeLater(key);
    }
  }

  @Override
  public boolean missedTier() {
    return missedTier;
  }

  private Fill store(byte[] mine, byte[] stored, Stamp stamp) {
    long millis = remote.hardMillis(stamp);
    Boolean held = ask(link -> link.fill(key, mine, stored, millis));
    if (held == null) {
      return Fill.NOT_STORED;
    }
    if (!held) {
      return Fill.VOIDED;
    }
    remote.tallies().bytesWritten.add(stored.length);
    return Fill.STORED;
  }

  private byte @Nullable [] encode(V value, Stamp stamp) {
    try {
      return remote.encode(value, stamp, key);
    } catch (CodingException unwritable) {
      remote.tallies().unwritable(unwritable.reason());
      return null;
    }
  }

  private <T, X extends Exception> @Nullable T ask(RedisCalls.Command<T, X> command) throws X {
    if (missedTier) {
      return null;
    }
    boolean mayAsk = remote.mayAsk(key);
    T answer = mayAsk ? remote.calls().ask(command) : null;
    if (!mayAsk) {
      remote.tallies().remoteSkipped.increment();
    }
    if (answer == null) {
      missedTier = true;
      remote.missed();
    }
    return answer;
  }
}
