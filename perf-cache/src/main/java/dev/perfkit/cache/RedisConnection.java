package dev.perfkit.cache;

import dev.perfkit.spi.support.WorkerThreads;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.util.JedisURIHelper;

/** Connections for commands, and one that listens. Nothing is connected before use. */
final class RedisConnection implements AutoCloseable {

  private final Route route;
  private final Subscriptions subscriber;

  /**
   * @param name of the cache or caches that use it, for the thread that listens
   */
  RedisConnection(RedisTier.Settings settings, String name) {
    JedisClientConfig config = clientConfig(settings);
    this.route = route(settings, config);
    this.subscriber = subscriber(route, settings, config, name);
  }

  private static Route route(RedisTier.Settings settings, JedisClientConfig config) {
    ConnectionPoolConfig pool = poolConfig(settings);
    List<HostAndPort> nodes = settings.uris.stream().map(RedisConnection::address).toList();
    return settings.cluster
        ? new ClusterRoute(nodes, config, pool, settings.commandTimeout)
        : new SingleRoute(nodes.get(0), config, pool);
  }

  private static Subscriptions subscriber(
      Route route, RedisTier.Settings settings, JedisClientConfig config, String name) {
    ThreadFactory threads = WorkerThreads.factory("cache", name + "-backplane");
    Duration pause = settings.retryAfter;
    Subscriber plain = new Subscriber(route::listenAt, config, Line::plain, threads, pause);
    return settings.cluster
        ? new ClusterSubscriber(
            plain, route::masterOf, at -> new Subscriber(at, config, Line::sharded, threads, pause))
        : plain;
  }

  private static HostAndPort address(URI uri) {
    return new HostAndPort(uri.getHost(), RedisTier.portOf(uri));
  }

  Route route() {
    return route;
  }

  Subscriptions subscriber() {
    return subscriber;
  }

  @Override
  public void close() {
    subscriber.close();
    route.close();
  }

  private static JedisClientConfig clientConfig(RedisTier.Settings settings) {
    URI uri = settings.uris.get(0);
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
