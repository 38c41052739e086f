package dev.perfkit.cache;

import java.net.URI;
import java.time.Duration;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.util.JedisURIHelper;

/** A pool of connections for commands, and one that listens. Nothing is connected before use. */
final class RedisConnection implements AutoCloseable {

  private final RedisClient client;
  private final Subscriber subscriber;

  /**
   * @param name of the cache or caches that use it, for the thread that listens
   */
  RedisConnection(RedisTier.Settings settings, String name) {
    HostAndPort address =
        new HostAndPort(
            settings.uri.getHost(), settings.uri.getPort() == -1 ? 6379 : settings.uri.getPort());
    JedisClientConfig config = clientConfig(settings);
    this.client =
        RedisClient.builder()
            .hostAndPort(address)
            .clientConfig(config)
            .poolConfig(poolConfig(settings))
            .build();
    this.subscriber = new Subscriber(address, config, name, settings.retryAfter);
  }

  UnifiedJedis client() {
    return client;
  }

  Subscriber subscriber() {
    return subscriber;
  }

  /** Closes connections that are not in use: after one has failed the others are dead as well. */
  void dropIdle() {
    client.getPool().clear();
  }

  @Override
  public void close() {
    subscriber.close();
    client.close();
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
}
