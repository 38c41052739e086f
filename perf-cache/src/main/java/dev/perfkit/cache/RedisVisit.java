package dev.perfkit.cache;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The dealings of one operation with Redis. */
final class RedisVisit<V> implements Visit<V> {

  /** A look-up that finds a value dead asks again; one that keeps finding others gives up. */
  private static final int ATTEMPTS = 4;

  private static final byte[] NONE = {};

  private final RedisRemote<?, V> remote;
  private final RemoteKey key;
  private final Shard shard;
  private final long localThen;
  private final long generation;
  private volatile byte @Nullable [] token;
  private volatile long leasedAt;
  private long genesis;
  private long sequence;

  /** How far the invalidations were known to be before the last question was asked. */
  private Shard.Position before;

  private long waitNanos;
  private boolean missedTier;
  private int storedBytes;
  private byte[] dead = NONE;
  private byte[] asked = NONE;
  private @Nullable Found<V> stale;
  private List<String> told = List.of();
  private List<String> olderTags = List.of();

  RedisVisit(RedisRemote<?, V> remote, RemoteKey key, Shard shard, long localThen) {
    this.remote = remote;
    this.key = key;
    this.shard = shard;
    this.localThen = localThen;
    Shard.Standing standing = shard.standing();
    this.generation = standing.generation();
    this.before = standing.position();
    this.genesis = before.genesis();
    this.sequence = before.sequence();
  }

  @Override
  public Shard shard() {
    return shard;
  }

  @Override
  public long generation() {
    return generation;
  }

  @Override
  public long sequence() {
    return sequence;
  }

  @Override
  public long localThen() {
    return localThen;
  }

  @Override
  public boolean isLeased() {
    return token != null;
  }

  @Override
  public long waitNanos() {
    return waitNanos;
  }

  @Override
  public boolean missedTier() {
    return missedTier;
  }

  @Override
  public @Nullable Found<V> find(boolean toLoad) {
    Found<V> found = search(toLoad, Found::isFresh);
    if (found != null && found.isFresh()) {
      remote.tallies().remoteHits.increment();
    } else if (!missedTier) {
      (found == null ? remote.tallies().remoteMisses : remote.tallies().remoteStale).increment();
    }
    return found;
  }

  @Override
  public @Nullable Found<V> findNewer(Birth than, long freshNanos) {
    Predicate<Found<V>> isNewer =
        found ->
            found.freshNanos() > freshNanos
                && found.birth().createdMillis() != than.createdMillis();
    Found<V> found = search(true, isNewer);
    return found != null && isNewer.test(found) ? found : null;
  }

  /** Looks up until there is one that will do, or nothing else; returns the last that was found. */
  private @Nullable Found<V> search(boolean toLoad, Predicate<Found<V>> isEnough) {
    waitNanos = 0;
    byte[] mine = toLoad ? remote.newToken() : null;
    byte[] not = NONE;
    Found<V> last = null;
    for (int attempt = 0; attempt < ATTEMPTS && mayBelieve(); attempt++) {
      Reply reply = look(mine, not);
      byte[] stored = reply == null ? null : reply.value();
      if (stored == null) {
        break;
      }
      last = examine(stored);
      if ((last != null && isEnough.test(last)) || !toLoad) {
        break;
      }
      not = idOf(stored);
    }
    return last;
  }

  RemoteKey key() {
    return key;
  }

  /** Takes an answer that came with those of other keys; null unless it is a fresh value. */
  @Nullable Found<V> accept(Reply reply) {
    note(reply);
    byte[] stored = reply.value();
    Found<V> found = stored == null ? null : examine(stored);
    if (found == null || !found.isFresh()) {
      dead = stored == null ? NONE : idOf(stored);
      stale = found;
      return null;
    }
    remote.tallies().remoteHits.increment();
    return found;
  }

  private static byte[] idOf(byte[] stored) {
    return Arrays.copyOf(stored, Math.min(stored.length, Envelope.ID_END));
  }

  // As one of many.

  /** Returns the step that takes the lease, or brings what is there; null if Redis is no help. */
  RedisLink.@Nullable Step leasing(RedisLink link) {
    waitNanos = 0;
    byte[] mine = remote.newToken();
    asked = mine;
    return mayBelieve() ? link.acquiring(key, mine, dead) : null;
  }

  /** Takes the answer to that; a value that was not known is looked at like any other. */
  @Nullable Found<V> leased(@Nullable Reply reply) {
    if (reply == null) {
      miss();
      return stale;
    }
    take(reply, asked);
    if (reply.value() != null) {
      return find(true);
    }
    (stale == null ? remote.tallies().remoteMisses : remote.tallies().remoteStale).increment();
    return stale;
  }

  /** Returns the step that ends the lease with what was loaded; null if there is nothing to do. */
  RedisLink.@Nullable Step ending(RedisLink link, @Nullable V value, Stamp stamp) {
    byte[] mine = token;
    if (mine == null || missedTier || !remote.mayAsk(key)) {
      return null;
    }
    if (stamp.freshNanos() == 0) {
      return link.releasing(key, mine, true);
    }
    byte[] stored = encode(value, stamp, mine);
    if (stored == null) {
      return link.releasing(key, mine, false);
    }
    storedBytes = stored.length;
    return link.filling(key, mine, stored, RedisRemote.keepMillis(stamp));
  }

  /** Returns the step that gives the lease back; null if there is none. */
  RedisLink.@Nullable Step releasing(RedisLink link) {
    byte[] mine = token;
    return mine == null || missedTier ? null : link.releasing(key, mine, false);
  }

  /** Takes the answer to either. */
  Fill ended(@Nullable Reply reply) {
    letGo();
    int bytes = storedBytes;
    storedBytes = 0;
    if (reply == null) {
      miss();
      return Fill.NOT_STORED;
    }
    note(reply);
    if (reply.status() != Reply.DONE) {
      return Fill.VOIDED;
    }
    if (bytes == 0) {
      return Fill.NOT_STORED;
    }
    storedBytes = bytes;
    remote.tallies().bytesWritten.add(bytes);
    return Fill.STORED;
  }

  private @Nullable Reply look(byte @Nullable [] mine, byte[] not) {
    Reply reply = ask(link -> link.acquire(key, mine, not));
    if (reply != null) {
      take(reply, mine);
    }
    return reply;
  }

  private void take(Reply reply, byte @Nullable [] mine) {
    note(reply);
    switch (reply.status()) {
      case Reply.DONE -> leased(mine);
      case Reply.DONE_ODD -> {
        remote.tallies().unreadable(Reason.WRONG_TYPE);
        leased(mine);
      }
      case Reply.ODD -> remote.tallies().unreadable(Reason.WRONG_TYPE);
      case Reply.WAIT -> waitNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(1, reply.waitMillis()));
      default -> {}
    }
    told = reply.freshness();
  }

  private void leased(byte @Nullable [] mine) {
    token = mine;
    leasedAt = System.nanoTime();
    remote.hold(this);
  }

  private @Nullable Found<V> examine(byte[] stored) {
    remote.tallies().bytesRead.add(stored.length);
    try {
      Found<V> found = remote.decode(stored, key);
      olderTags = found.tags();
      return found.genesis() == genesis ? judge(found) : null;
    } catch (CodingException unreadable) {
      remote.tallies().unreadable(unreadable.reason());
      return null;
    }
  }

  private @Nullable Found<V> judge(Found<V> found) {
    return switch (remote.judge(found, localThen)) {
      case VALID -> found;
      case EXPIRED -> found.expired();
      case DEAD -> null;
    };
  }

  /** Redis is believed only by a node that knows what was invalidated. */
  boolean mayBelieve() {
    before = shard.position();
    if (missedTier) {
      return false;
    }
    if (!remote.mayAsk(key)) {
      remote.tallies().remoteSkipped.increment();
      miss();
      return false;
    }
    if (!remote.isConfirmed()) {
      miss();
      return false;
    }
    return true;
  }

  /** Takes over where Redis is; a history that this node does not know is looked at first. */
  private void note(Reply reply) {
    if (reply.genesis() != shard.position().genesis() || isForgotten(reply)) {
      boolean unused = remote.sync(shard);
    }
    genesis = shard.position().genesis();
    if (reply.genesis() == genesis) {
      sequence = reply.sequence();
    }
  }

  /** Returns whether Redis has forgotten an invalidation that this node knows of. */
  private boolean isForgotten(Reply reply) {
    return reply.genesis() == before.genesis() && reply.sequence() < before.sequence();
  }

  @Override
  public Fill fill(@Nullable V value, Stamp stamp) {
    byte[] mine = token;
    if (mine == null) {
      return Fill.NOT_STORED;
    }
    byte[] stored = encode(value, stamp, mine);
    if (stored == null) {
      release();
      return Fill.NOT_STORED;
    }
    Reply reply = ask(link -> link.fill(key, mine, stored, RedisRemote.keepMillis(stamp)));
    letGo();
    if (reply == null) {
      return Fill.NOT_STORED;
    }
    note(reply);
    if (reply.status() != Reply.DONE) {
      return Fill.VOIDED;
    }
    remote.tallies().bytesWritten.add(stored.length);
    storedBytes = stored.length;
    return Fill.STORED;
  }

  private byte @Nullable [] encode(@Nullable V value, Stamp stamp, byte[] mine) {
    try {
      return remote.encode(value, stamp, mine, genesis, key);
    } catch (CodingException unwritable) {
      remote.tallies().unwritable(unwritable.reason());
      return null;
    }
  }

  @Override
  public int storedBytes() {
    return storedBytes;
  }

  @Override
  public boolean begin() {
    byte[] mine = remote.newToken();
    Reply reply = askToInvalidate(mine, List.of());
    if (reply != null) {
      note(reply);
      leased(mine);
    }
    return reply != null;
  }

  @Override
  public void absent() {
    giveBack(true);
  }

  @Override
  public void release() {
    giveBack(false);
  }

  private void giveBack(boolean drop) {
    byte[] mine = token;
    if (mine != null) {
      letGo();
      Reply unused = ask(link -> link.release(key, mine, drop));
    }
  }

  private void letGo() {
    token = null;
    remote.letGo(this);
  }

  @Override
  public List<String> freshness() {
    List<String> ofTags = remote.freshness().ofTags(olderTags);
    return Stream.concat(told.stream(), ofTags.stream()).toList();
  }

  @Override
  public boolean remove(List<String> freshness) {
    letGo();
    Reply reply = askToInvalidate(null, freshness);
    if (reply != null) {
      note(reply);
    }
    return reply != null && reply.genesis() == genesis;
  }

  /** Sent even if the key waits to be removed; that wait ends by its own delivery alone. */
  private @Nullable Reply askToInvalidate(byte @Nullable [] mine, List<String> freshness) {
    before = shard.position();
    Reply reply = remote.calls(key).ask(link -> link.invalidate(key, mine, freshness));
    if (reply == null) {
      miss();
      remote.removeLater(key, freshness);
    }
    return reply;
  }

  /** Keeps the lease while its holder is at work. */
  void renew() {
    byte[] mine = token;
    if (mine != null
        && System.nanoTime() - leasedAt
            > TimeUnit.MILLISECONDS.toNanos(RedisLink.LEASE_MILLIS) / 4) {
      leasedAt = System.nanoTime();
      Boolean unused = remote.calls(key).ask(link -> link.renew(key, mine));
    }
  }

  private <T, X extends Exception> @Nullable T ask(RedisCalls.Command<T, X> command) throws X {
    if (missedTier) {
      return null;
    }
    before = shard.position();
    boolean mayAsk = remote.mayAsk(key);
    T answer = mayAsk ? remote.calls(key).ask(command) : null;
    if (!mayAsk) {
      remote.tallies().remoteSkipped.increment();
    }
    if (answer == null) {
      miss();
    }
    return answer;
  }

  @Override
  public void skip() {
    missedTier = true;
  }

  @Override
  public Inspection.@Nullable Held inspect() {
    Reply reply = mayBelieve() ? ask(link -> link.acquire(key, null, NONE)) : null;
    byte[] stored = reply == null ? null : reply.value();
    if (reply == null || stored == null) {
      return reply != null && reply.status() == Reply.ODD
          ? Inspections.unreadable(Reason.WRONG_TYPE.word(), 0)
          : null;
    }
    try {
      note(reply);
      Found<V> found = remote.decode(stored, key);
      return Inspections.held(found, whyNot(found), remote.wallMillis());
    } catch (CodingException unreadable) {
      return Inspections.unreadable(unreadable.reason().word(), stored.length);
    }
  }

  private String whyNot(Found<V> found) {
    if (found.genesis() != genesis || !remote.isOfThisClock(found)) {
      return "other genesis";
    }
    Marks.Verdict verdict = remote.judge(found, localThen);
    if (verdict == Marks.Verdict.DEAD) {
      return "tag invalidated";
    }
    if (!found.isFresh()) {
      return "expired";
    }
    return verdict == Marks.Verdict.VALID ? "" : "tag expired";
  }

  /** Leaves the tier alone from now on. */
  void miss() {
    missedTier = true;
    remote.missed();
  }
}
