package dev.perfkit.cache;

import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;

/** The way to a Redis that has all keys. Nothing is connected before use. */
final class SingleRoute implements Route {

  private final HostAndPort address;
  private final RedisClient client;

  SingleRoute(HostAndPort address, JedisClientConfig config, ConnectionPoolConfig pool) {
    this.address = address;
    this.client =
        RedisClient.builder().hostAndPort(address).clientConfig(config).poolConfig(pool).build();
  }

  @Override
  public <T> T run(CommandObject<T> command) {
    return client.executeCommand(command);
  }

  @Override
  public List<Object> runAll(List<? extends CommandObject<?>> commands) {
    try (Connection connection = client.getPool().getResource()) {
      return pipelined(connection, commands);
    }
  }

  /** Sends all, then reads all. */
  static List<Object> pipelined(Connection connection, List<? extends CommandObject<?>> commands) {
    commands.forEach(each -> connection.sendCommand(each.getArguments()));
    return new ArrayList<>(connection.getMany(commands.size()));
  }

  @Override
  public <T> T runAt(byte[] key, CommandObject<T> command) {
    return client.executeCommand(command);
  }

  @Override
  public void dropIdle() {
    client.getPool().clear();
  }

  @Override
  public void refresh() {}

  @Override
  public HostAndPort listenAt() {
    return address;
  }

  @Override
  public HostAndPort masterOf(byte[] key) {
    return address;
  }

  @Override
  public void close() {
    client.close();
  }
}
