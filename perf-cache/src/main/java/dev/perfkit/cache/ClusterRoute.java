package dev.perfkit.cache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;
import redis.clients.jedis.providers.ClusterConnectionProvider;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * The way to the masters of a Redis Cluster. Follows {@code MOVED} and {@code ASK}, as these say
 * that nothing was done, but sends nothing again for want of an answer, as Jedis' own executor
 * would. The map of the cluster is read again when a server says that it changed, and in the
 * background after a connection was lost: no caller pays for finding out.
 *
 * <p>Nothing is connected before use. Jedis reads the map when its provider is made, so that is put
 * off until the first command.
 */
final class ClusterRoute implements Route {

  private static final int MOST_REDIRECTIONS = 5;

  private final Set<HostAndPort> seeds;
  private final JedisClientConfig config;
  private final ConnectionPoolConfig pool;
  private final Duration patience;
  private final ReentrantLock connecting = new ReentrantLock();
  private final AtomicBoolean doubtful = new AtomicBoolean();
  private final AtomicInteger turn = new AtomicInteger();
  private volatile @Nullable ClusterConnectionProvider provider;
  private volatile boolean closed;

  /**
   * @param patience how long to wait for another thread that connects
   */
  ClusterRoute(
      List<HostAndPort> seeds,
      JedisClientConfig config,
      ConnectionPoolConfig pool,
      Duration patience) {
    this.seeds = new LinkedHashSet<>(seeds);
    this.config = config;
    this.pool = pool;
    this.patience = patience;
  }

  @Override
  public <T> T run(CommandObject<T> command) {
    ClusterConnectionProvider nodes = nodes();
    try {
      return send(nodes, node(nodes, slot(command)), command);
    } catch (JedisRedirectionException elsewhere) {
      return follow(nodes, command, elsewhere);
    }
  }

  private <T> T follow(
      ClusterConnectionProvider nodes, CommandObject<T> command, JedisRedirectionException first) {
    JedisRedirectionException redirection = first;
    for (int i = 0; i < MOST_REDIRECTIONS; i++) {
      CommandObject<T> asked =
          redirection instanceof JedisAskDataException
              ? command.withPreProcessHook(each -> each.executeCommand(Protocol.Command.ASKING))
              : command;
      try {
        return send(nodes, redirection.getTargetNode(), asked);
      } catch (JedisRedirectionException again) {
        redirection = again;
      }
    }
    throw redirection;
  }

  private <T> T send(
      ClusterConnectionProvider nodes, @Nullable HostAndPort node, CommandObject<T> command) {
    try (Connection connection = nodes.getConnection(node)) {
      try {
        return connection.executeCommand(command);
      } catch (JedisMovedDataException moved) {
        nodes.renewSlotCache(connection);
        throw moved;
      }
    } catch (JedisConnectionException lost) {
      doubt(nodes, node);
      throw lost;
    }
  }

  private void doubt(ClusterConnectionProvider nodes, @Nullable HostAndPort node) {
    doubtful.set(true);
    ConnectionPool idle = node == null ? null : nodes.getNodes().get(node.toString());
    if (idle != null && !closed) {
      idle.clear();
    }
  }

  @Override
  public List<Object> runAll(List<? extends CommandObject<?>> commands) {
    ClusterConnectionProvider nodes = nodes();
    Map<HostAndPort, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < commands.size(); i++) {
      places.computeIfAbsent(node(nodes, slot(commands.get(i))), node -> new ArrayList<>()).add(i);
    }
    Object[] answers = new Object[commands.size()];
    places.forEach(
        (node, ofNode) -> {
          List<Object> got = runAt(nodes, node, ofNode.stream().map(commands::get).toList());
          for (int i = 0; i < ofNode.size(); i++) {
            answers[ofNode.get(i)] = got.get(i);
          }
        });
    return Arrays.asList(answers);
  }

  private List<Object> runAt(
      ClusterConnectionProvider nodes,
      HostAndPort node,
      List<? extends CommandObject<?>> commands) {
    try (Connection connection = nodes.getConnection(node)) {
      return SingleRoute.pipelined(connection, commands);
    } catch (RuntimeException failure) {
      if (failure instanceof JedisConnectionException) {
        doubt(nodes, node);
      }
      return Collections.nCopies(commands.size(), failure);
    }
  }

  @Override
  public <T> T runAt(byte[] key, CommandObject<T> command) {
    ClusterConnectionProvider nodes = nodes();
    return send(nodes, node(nodes, JedisClusterCRC16.getSlot(key)), command);
  }

  private static int slot(CommandObject<?> command) {
    return command.getArguments().getKeyHashSlots().iterator().next();
  }

  private static HostAndPort node(ClusterConnectionProvider nodes, int slot) {
    HostAndPort node = nodes.getNode(slot);
    if (node == null) {
      nodes.renewSlotCache();
      node = nodes.getNode(slot);
    }
    if (node == null) {
      throw new JedisConnectionException("no node of the cluster has slot " + slot);
    }
    return node;
  }

  private ClusterConnectionProvider nodes() {
    ClusterConnectionProvider nodes = provider;
    return nodes == null ? connect() : nodes;
  }

  private ClusterConnectionProvider connect() {
    try {
      if (!connecting.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new JedisConnectionException("another thread is connecting to the cluster");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new JedisConnectionException("interrupted while another thread connects", interrupted);
    }
    try {
      ClusterConnectionProvider nodes = provider;
      if (nodes == null) {
        if (closed) {
          throw new JedisConnectionException("closed");
        }
        nodes = new ClusterConnectionProvider(seeds, config, pool);
        provider = nodes;
      }
      return nodes;
    } finally {
      connecting.unlock();
    }
  }

  /** A lost connection says something about its own node, whose others were closed already. */
  @Override
  public void dropIdle() {}

  @Override
  public void refresh() {
    ClusterConnectionProvider nodes = provider;
    if (nodes != null && !closed && doubtful.getAndSet(false)) {
      nodes.renewSlotCache();
    }
  }

  /** Any node will do: all get the messages of all. */
  @Override
  public HostAndPort listenAt() {
    Set<HostAndPort> known = new LinkedHashSet<>(seeds);
    ClusterConnectionProvider nodes = provider;
    if (nodes != null) {
      nodes.getNodes().keySet().forEach(each -> known.add(HostAndPort.from(each)));
    }
    List<HostAndPort> all = List.copyOf(known);
    return all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
  }

  @Override
  public @Nullable HostAndPort masterOf(byte[] key) {
    ClusterConnectionProvider nodes = provider;
    return nodes == null ? null : nodes.getNode(JedisClusterCRC16.getSlot(key));
  }

  @Override
  public void close() {
    connecting.lock();
    try {
      closed = true;
      ClusterConnectionProvider nodes = provider;
      if (nodes != null) {
        nodes.close();
      }
    } finally {
      connecting.unlock();
    }
  }
}
