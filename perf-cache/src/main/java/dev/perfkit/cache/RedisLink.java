package dev.perfkit.cache;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * The commands, each one round trip that is bounded in time. They throw what Jedis throws.
 *
 * <p>The scripts touch the entry (KEYS[1]) and its lease (KEYS[2]), which share a hash tag.
 */
final class RedisLink implements AutoCloseable {

  private static final byte[] FILL =
      script(
          "if redis.call('GET',KEYS[2])==ARGV[1] then redis.call('DEL',KEYS[2])"
              + " redis.call('SET',KEYS[1],ARGV[2],'PX',ARGV[3]) return 1 end return 0");
  private static final byte[] BEGIN =
      script("redis.call('DEL',KEYS[1]) redis.call('SET',KEYS[2],ARGV[1],'PX',ARGV[2]) return 1");
  private static final byte[] RELEASE =
      script("if redis.call('GET',KEYS[2])==ARGV[1] then redis.call('DEL',KEYS[2]) end return 1");
  private static final byte[] ABSENT =
      script(
          "if redis.call('GET',KEYS[2])==ARGV[1] then redis.call('DEL',KEYS[1],KEYS[2]) end"
              + " return 1");

  private static final int SWEEP_COUNT = 1000;

  private final RedisClient client;
  private final byte[] probeKey;
  private final String prefix;
  private final int readLimit;

  RedisLink(RedisTier.Settings settings, String prefix) {
    this.prefix = prefix;
    this.probeKey = (prefix + "p").getBytes(StandardCharsets.US_ASCII);
    this.readLimit = settings.maximumEncodedSize.toIntBytes();
    HostAndPort address =
        new HostAndPort(
            settings.uri.getHost(), settings.uri.getPort() == -1 ? 6379 : settings.uri.getPort());
    this.client =
        RedisClient.builder()
            .hostAndPort(address)
            .clientConfig(clientConfig(settings))
            .poolConfig(poolConfig(settings))
            .build();
  }

  /**
   * Returns the entry, cut one byte after the limit of size, or an empty array if there is none.
   *
   * @throws CodingException if the key holds another type than a string
   */
  byte[] read(RemoteKey key) throws CodingException {
    try {
      return client.getrange(key.value(), 0, readLimit);
    } catch (JedisDataException refused) {
      if (String.valueOf(refused.getMessage()).startsWith("WRONGTYPE")) {
        throw new CodingException(Reason.WRONG_TYPE);
      }
      throw refused;
    }
  }

  /** Takes the lease if nobody has it. */
  boolean lease(RemoteKey key, byte[] token, long millis) {
    return client.set(key.lease(), token, SetParams.setParams().nx().px(millis)) != null;
  }

  /** Stores an entry and gives the lease back, if the token still has it. */
  boolean fill(RemoteKey key, byte[] token, byte[] stored, long millis) {
    return run(FILL, key, token, stored, number(millis)) == 1;
  }

  /** Drops the entry and takes the lease, whoever has it. */
  boolean begin(RemoteKey key, byte[] token, long millis) {
    return run(BEGIN, key, token, number(millis)) == 1;
  }

  boolean release(RemoteKey key, byte[] token) {
    return run(RELEASE, key, token) == 1;
  }

  /** Drops the entry and gives the lease back, if the token still has it. */
  boolean absent(RemoteKey key, byte[] token) {
    return run(ABSENT, key, token) == 1;
  }

  /** Drops entries and leases. */
  long remove(List<RemoteKey> keys) {
    byte[][] all = new byte[2 * keys.size()][];
    for (int i = 0; i < keys.size(); i++) {
      all[2 * i] = keys.get(i).value();
      all[2 * i + 1] = keys.get(i).lease();
    }
    return client.del(all);
  }

  /** Drops all entries and leases of the cache, a thousand at a time. */
  void sweep() {
    // A name has none of the characters that mean something in a pattern.
    ScanParams params = new ScanParams().match(prefix + "*").count(SWEEP_COUNT);
    byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
    do {
      ScanResult<byte[]> page = client.scan(cursor, params);
      if (!page.getResult().isEmpty()) {
        client.unlink(page.getResult().toArray(new byte[0][]));
      }
      cursor = page.getCursorAsBytes();
    } while (!java.util.Arrays.equals(cursor, ScanParams.SCAN_POINTER_START_BINARY));
  }

  /** Writes something: a Redis that only answers, as a replica or a full one does, is not back. */
  boolean probe() {
    return client.set(probeKey, new byte[] {'1'}, SetParams.setParams().px(1000)) != null;
  }

  /** Closes connections that are not in use: after one has failed the others are dead as well. */
  void dropIdle() {
    client.getPool().clear();
  }

  @Override
  public void close() {
    client.close();
  }

  private long run(byte[] script, RemoteKey key, byte[]... arguments) {
    Object reply = client.eval(script, List.of(key.value(), key.lease()), List.of(arguments));
    return reply instanceof Long number ? number : 0;
  }

  private static JedisClientConfig clientConfig(RedisTier.Settings settings) {
    URI uri = settings.uri;
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            .resp2() // said beforehand, so that building the client connects to nothing
            .connectionTimeoutMillis(millis(settings.connectTimeout))
            .socketTimeoutMillis(millis(settings.commandTimeout))
            .user(JedisURIHelper.getUser(uri))
            .password(JedisURIHelper.getPassword(uri))
            .database(JedisURIHelper.getDBIndex(uri))
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED); // unknown to Redis before 7.2
    if (JedisURIHelper.isRedisSSLScheme(uri)) {
      config.sslOptions(SslOptions.defaults());
    }
    return config.build();
  }

  private static ConnectionPoolConfig poolConfig(RedisTier.Settings settings) {
    ConnectionPoolConfig config = new ConnectionPoolConfig();
    config.setMaxTotal(settings.poolSize);
    config.setMaxIdle(settings.poolSize);
    config.setMaxWait(settings.commandTimeout);
    config.setJmxEnabled(false);
    config.setTestWhileIdle(false);
    config.setTimeBetweenEvictionRuns(Duration.ofMillis(-1)); // no thread of the pool's
    return config;
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(Math.max(1, duration.toMillis()));
  }

  private static byte[] number(long value) {
    return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] script(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
