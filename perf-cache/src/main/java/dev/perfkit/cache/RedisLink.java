package dev.perfkit.cache;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.params.SetParams;

/**
 * The commands, each one round trip that is bounded in time. They throw what Jedis throws.
 *
 * <p>Scripts are sent by their digest; a Redis that does not know one gets its text, once.
 */
final class RedisLink {

  /** The longest without a renewal that a lease lasts, in milliseconds. */
  static final long LEASE_MILLIS = 5_000;

  /** How many invalidations a shard keeps for nodes that missed them. */
  static final int LOG_LENGTH = 1_000;

  private static final byte[] NONE = {};
  private static final byte[] LEASE = number(LEASE_MILLIS);
  private static final byte[] LOG = number(LOG_LENGTH);
  private static final byte[] CAPACITY = number(Marks.CAPACITY);
  private static final byte[] PUBLISH = ascii("PUBLISH");
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final AtomicLong ids = new AtomicLong(new SecureRandom().nextLong());
  private final UnifiedJedis client;
  private final byte[] readLimit;

  RedisLink(UnifiedJedis client, int readLimit) {
    this.client = client;
    this.readLimit = number(readLimit);
  }

  /**
   * Looks a key up and, with a token, takes the lease if there is nothing.
   *
   * @param dead the beginning of a value that counts as nothing, or an empty array
   */
  Reply acquire(RemoteKey key, byte @Nullable [] token, byte[] dead) {
    return Reply.of(run(acquiring(key, token, dead)));
  }

  Step acquiring(RemoteKey key, byte @Nullable [] token, byte[] dead) {
    return new Step(
        Script.ACQUIRE,
        List.of(key.value(), key.lease(), key.shard().state()),
        List.of(readLimit, token == null ? NONE : token, LEASE, dead, newGenesis()));
  }

  /** Looks up keys of one shard; the answers are in their order. */
  List<Reply> read(List<RemoteKey> ofShard) {
    List<byte[]> keys = new ArrayList<>();
    keys.add(ofShard.get(0).shard().state());
    ofShard.forEach(key -> keys.add(key.value()));
    return Reply.each(run(Script.READ, keys, List.of(readLimit)));
  }

  /** Stores an entry and gives the lease back, if the token still has it. */
  Reply fill(RemoteKey key, byte[] token, byte[] stored, long millis) {
    return Reply.of(run(filling(key, token, stored, millis)));
  }

  Step filling(RemoteKey key, byte[] token, byte[] stored, long millis) {
    return new Step(
        Script.FILL,
        List.of(key.value(), key.lease(), key.shard().state()),
        List.of(token, stored, number(millis), PUBLISH, key.shard().channel(), wakeUp(key)));
  }

  /** Gives the lease back if the token has it, and drops what is stored if told to. */
  Reply release(RemoteKey key, byte[] token, boolean drop) {
    return Reply.of(run(releasing(key, token, drop)));
  }

  Step releasing(RemoteKey key, byte[] token, boolean drop) {
    return new Step(
        Script.RELEASE,
        List.of(key.value(), key.lease(), key.shard().state()),
        List.of(token, drop ? number(1) : NONE, PUBLISH, key.shard().channel(), wakeUp(key)));
  }

  /** Keeps a lease; returns whether the token still has it. */
  boolean renew(RemoteKey key, byte[] token) {
    return Long.valueOf(1).equals(run(Script.RENEW, List.of(key.lease()), List.of(token, LEASE)));
  }

  /** Invalidates a key and, with a token, takes the lease, whoever has it. */
  Reply invalidate(RemoteKey key, byte @Nullable [] token) {
    ShardKeys shard = key.shard();
    return Reply.of(
        run(
            Script.INVALIDATE,
            List.of(key.value(), key.lease(), shard.state(), shard.log()),
            List.of(
                newGenesis(),
                ascii(newId()),
                utf8(key.text()),
                LOG,
                PUBLISH,
                shard.channel(),
                token == null ? NONE : token,
                LEASE)));
  }

  Reply.Progress progress(ShardKeys shard, Shard.Position known) {
    return Reply.Progress.of(
        run(
            Script.SYNC,
            List.of(shard.state(), shard.log()),
            List.of(newGenesis(), Reply.genesisText(known.genesis()), number(known.sequence()))));
  }

  /** Begins another history of the invalidations of a shard. */
  void forkShard(ShardKeys shard, long genesis) {
    fork(shard.state(), shard.log(), genesis);
  }

  /** Begins another history of the clock. */
  void forkClock(ShardKeys shard, long genesis) {
    fork(shard.clock(), shard.clock(), genesis);
  }

  private void fork(byte[] state, byte[] log, long genesis) {
    Object unused =
        run(Script.FORK, List.of(state, log), List.of(Reply.genesisText(genesis), newGenesis()));
  }

  Marks.Clock clock(ShardKeys shard, Marks.Reading known, String id) {
    return Reply.clock(
        run(
            Script.CLOCK,
            List.of(shard.clock()),
            List.of(
                newGenesis(),
                Reply.genesisText(known.genesis()),
                number(known.clock()),
                ascii(id))));
  }

  Reply mark(ShardKeys shard, String id, Tag tag) {
    return Reply.of(
        run(
            Script.MARK,
            List.of(shard.clock()),
            List.of(
                newGenesis(),
                ascii(id),
                ascii(tag.kind()),
                utf8(tag.name()),
                CAPACITY,
                PUBLISH,
                shard.channel())));
  }

  /** Returns whether Redis, when it is full, drops whatever it likes; false if it does not tell. */
  boolean evictsAtWill() {
    try {
      return client.info("memory").contains("maxmemory_policy:allkeys-");
    } catch (JedisDataException refused) {
      return false;
    }
  }

  /** Writes something: a Redis that only answers, as a replica or a full one does, is not back. */
  boolean probe(ShardKeys shard) {
    return client.set(shard.probe(), number(1), SetParams.setParams().px(1000)) != null;
  }

  /** Returns an id that nobody else draws, but by a rare chance, and that is not drawn twice. */
  String newId() {
    return HexFormat.of().toHexDigits(draw());
  }

  private byte[] newGenesis() {
    return Reply.genesisText(draw());
  }

  /** Each start of the walk gives 2^64 different numbers; 0 has a meaning of its own. */
  private long draw() {
    long mixed = mix(ids.addAndGet(GOLDEN));
    return mixed == 0 ? 1 : mixed;
  }

  private static long mix(long state) {
    long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A script about one key, with what it is given. */
  record Step(Script script, List<byte[]> keys, List<byte[]> arguments) {}

  /** Takes steps in one round trip; null for one that Redis refused. */
  List<@Nullable Reply> all(List<Step> steps) {
    List<Response<Object>> raw = new ArrayList<>();
    try (AbstractPipeline pipeline = client.pipelined()) {
      for (Step step : steps) {
        raw.add(pipeline.evalsha(step.script().digest(), step.keys(), step.arguments()));
      }
      pipeline.sync();
    }
    List<@Nullable Reply> replies = new ArrayList<>();
    for (int i = 0; i < raw.size(); i++) {
      replies.add(reply(raw.get(i), steps.get(i)));
    }
    return replies;
  }

  private @Nullable Reply reply(Response<Object> raw, Step step) {
    try {
      return Reply.of(raw.get());
    } catch (JedisNoScriptException unknown) {
      return Reply.of(run(step));
    } catch (JedisDataException refused) {
      return null;
    }
  }

  private Object run(Step step) {
    return run(step.script(), step.keys(), step.arguments());
  }

  private Object run(Script script, List<byte[]> keys, List<byte[]> arguments) {
    try {
      return client.evalsha(script.digest(), keys, arguments);
    } catch (JedisNoScriptException unknown) {
      return client.eval(script.text(), keys, arguments);
    }
  }

  private static byte[] wakeUp(RemoteKey key) {
    return Bytes.concat(
        ascii("w "), Arrays.copyOfRange(key.value(), valueStart(key), key.value().length));
  }

  private static int valueStart(RemoteKey key) {
    return key.shard().valuePrefix().length;
  }

  private static byte[] number(long value) {
    return ascii(Long.toString(value));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
