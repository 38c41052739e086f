package dev.perfkit.cache;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.CommandObjects;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.exceptions.JedisRedirectionException;
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
  private static final byte[] GENESIS = ascii("g");
  private static final byte[] SEQUENCE = ascii("q");
  private static final byte[] LEASE = number(LEASE_MILLIS);
  private static final byte[] LOG = number(LOG_LENGTH);
  private static final byte[] CAPACITY = number(Marks.CAPACITY);
  private static final byte[] TOKENS_OF_A_KEY = number(Freshness.OF_A_PLACE);
  private static final byte[] TOKENS_OF_TAGS = number(Freshness.OF_TAGS);
  private static final byte[] TOKENS_KEPT = number(Freshness.KEPT.toMillis());
  private static final byte[] WAKE_UP = ascii("w ");
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final AtomicLong ids = new AtomicLong(new SecureRandom().nextLong());
  private final CommandObjects commands = new CommandObjects(RedisProtocol.RESP2);
  private final Route route;
  private final byte[] readLimit;
  private final byte[] publish;

  /**
   * @param sharded whether to publish in the shard of a channel, where the server knows how
   */
  RedisLink(Route route, int readLimit, boolean sharded) {
    this.route = route;
    this.publish = ascii(sharded ? "SPUBLISH" : "PUBLISH");
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
    return new ScriptStep(
        key.shard(),
        Script.ACQUIRE,
        List.of(key.value(), key.lease(), key.shard().state(), key.freshness()),
        List.of(readLimit, token == null ? NONE : token, LEASE, dead, newGenesis()));
  }

  /** Looks up keys of one shard; {@link Reply#each} tells the answers, in their order. */
  Step reading(List<RemoteKey> ofShard) {
    return new LookUp(ofShard.get(0).shard(), ofShard);
  }

  /** Stores an entry and gives the lease back, if the token still has it. */
  Reply fill(RemoteKey key, byte[] token, byte[] stored, long millis) {
    return Reply.of(run(filling(key, token, stored, millis)));
  }

  Step filling(RemoteKey key, byte[] token, byte[] stored, long millis) {
    return new ScriptStep(
        key.shard(),
        Script.FILL,
        List.of(key.value(), key.lease(), key.shard().state()),
        List.of(token, stored, number(millis), publish, key.shard().channel(), wakeUp(key)));
  }

  /** Gives the lease back if the token has it, and drops what is stored if told to. */
  Reply release(RemoteKey key, byte[] token, boolean drop) {
    return Reply.of(run(releasing(key, token, drop)));
  }

  Step releasing(RemoteKey key, byte[] token, boolean drop) {
    return new ScriptStep(
        key.shard(),
        Script.RELEASE,
        List.of(key.value(), key.lease(), key.shard().state()),
        List.of(token, drop ? number(1) : NONE, publish, key.shard().channel(), wakeUp(key)));
  }

  /** Keeps a lease; returns whether the token still has it. */
  boolean renew(RemoteKey key, byte[] token) {
    return Long.valueOf(1).equals(run(Script.RENEW, List.of(key.lease()), List.of(token, LEASE)));
  }

  /**
   * Invalidates a key and, with a token, takes the lease, whoever has it.
   *
   * @param freshness tokens for the loads after it
   */
  Reply invalidate(RemoteKey key, byte @Nullable [] token, List<String> freshness) {
    ShardKeys shard = key.shard();
    List<byte[]> arguments =
        new ArrayList<>(
            List.of(
                newGenesis(),
                ascii(newId()),
                utf8(key.text()),
                LOG,
                publish,
                shard.channel(),
                token == null ? NONE : token,
                LEASE,
                TOKENS_OF_A_KEY,
                TOKENS_KEPT));
    freshness.forEach(each -> arguments.add(ascii(each)));
    return Reply.of(
        run(
            Script.INVALIDATE,
            List.of(key.value(), key.lease(), shard.state(), shard.log(), key.freshness()),
            arguments));
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
            List.of(shard.clock(), shard.tagFreshness()),
            List.of(
                newGenesis(),
                Reply.genesisText(known.genesis()),
                number(known.clock()),
                ascii(id))));
  }

  Reply mark(ShardKeys shard, String id, Tag tag, List<String> freshness) {
    return Reply.of(
        run(
            Script.MARK,
            List.of(shard.clock(), shard.tagFreshness()),
            List.of(
                newGenesis(),
                ascii(id),
                ascii(tag.kind()),
                utf8(tag.name()),
                CAPACITY,
                publish,
                shard.channel(),
                ascii(String.join("\t", freshness)),
                TOKENS_OF_TAGS,
                TOKENS_KEPT)));
  }

  /** Returns whether Redis, when it is full, drops whatever it likes; false if it does not tell. */
  boolean evictsAtWill(ShardKeys shard) {
    try {
      return route
          .runAt(shard.state(), commands.info("memory"))
          .contains("maxmemory_policy:allkeys-");
    } catch (JedisDataException refused) {
      return false;
    }
  }

  /** Writes something: a Redis that only answers, as a replica or a full one does, is not back. */
  boolean probe(ShardKeys shard) {
    SetParams briefly = SetParams.setParams().px(1000);
    return route.run(commands.set(shard.probe(), number(1), briefly)) != null;
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

  /** What is asked about keys of a shard, as one of many. */
  sealed interface Step {
    ShardKeys shard();
  }

  /** A script, with what it is given. */
  private record ScriptStep(
      ShardKeys shard, Script script, List<byte[]> keys, List<byte[]> arguments) implements Step {}

  /**
   * Two commands on one connection, the sequence before the values: so these are as new as that, or
   * newer. A script would take more of Redis' time than the look-up itself.
   */
  private record LookUp(ShardKeys shard, List<RemoteKey> keys) implements Step {}

  /** Takes steps in one round trip to each server; {@link #answer} tells what came of each. */
  List<Object> sendAll(List<Step> steps) {
    List<CommandObject<?>> all = new ArrayList<>();
    for (Step step : steps) {
      if (step instanceof LookUp lookUp) {
        all.add(stateOf(lookUp));
        all.add(valuesOf(lookUp));
      } else {
        ScriptStep script = (ScriptStep) step;
        all.add(commands.evalsha(script.script().digest(), script.keys(), script.arguments()));
      }
    }
    Iterator<Object> raw = route.runAll(all).iterator();
    List<Object> answers = new ArrayList<>();
    for (Step step : steps) {
      Object first = raw.next();
      answers.add(step instanceof LookUp ? both(first, raw.next()) : first);
    }
    return answers;
  }

  private CommandObject<List<byte[]>> stateOf(LookUp step) {
    return commands.hmget(step.shard().state(), GENESIS, SEQUENCE);
  }

  private CommandObject<List<byte[]>> valuesOf(LookUp step) {
    return commands.mget(step.keys().stream().map(RemoteKey::value).toArray(byte[][]::new));
  }

  private static Object both(Object state, Object values) {
    if (state instanceof RuntimeException || values instanceof RuntimeException) {
      return state instanceof RuntimeException ? state : values;
    }
    return List.of(state, values);
  }

  /**
   * Returns the answer to a step of many, which is taken again if it only came to the wrong place;
   * null if Redis refused it.
   */
  @Nullable Object answer(Step step, Object raw) {
    if (raw instanceof JedisNoScriptException || raw instanceof JedisRedirectionException) {
      return run(step);
    }
    if (raw instanceof JedisDataException) {
      return null;
    }
    if (raw instanceof RuntimeException failure) {
      throw failure;
    }
    return raw;
  }

  private Object run(Step step) {
    if (step instanceof LookUp lookUp) {
      return both(route.run(stateOf(lookUp)), route.run(valuesOf(lookUp)));
    }
    ScriptStep script = (ScriptStep) step;
    return run(script.script(), script.keys(), script.arguments());
  }

  private Object run(Script script, List<byte[]> keys, List<byte[]> arguments) {
    try {
      return route.run(commands.evalsha(script.digest(), keys, arguments));
    } catch (JedisNoScriptException unknown) {
      return route.run(commands.eval(script.text(), keys, arguments));
    }
  }

  private static byte[] wakeUp(RemoteKey key) {
    return Bytes.concat(WAKE_UP, key.bytes());
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
