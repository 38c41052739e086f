package dev.perfkit.cache;

import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.BinaryJedisShardedPubSub;
import redis.clients.jedis.Connection;

/** A connection that listens, in one of the two ways of Redis. Throws what Jedis throws. */
interface Line {

  /** Who gets what comes. */
  interface Listener {

    void onMessage(byte[] channel, byte[] message);

    /** A channel is subscribed; for one that was already, a sign of life. */
    void onSubscribed(byte[] channel);

    void onUnsubscribed(byte[] channel);

    void onPong();
  }

  /** Subscribes a channel and listens, until the connection ends or no channel is left. */
  void listen(Connection connection, byte[] first);

  void subscribe(byte[] channel);

  void unsubscribe(byte[] channel);

  boolean isSubscribed();

  /**
   * Asks for a sign of life.
   *
   * @param subscribed any channel that is
   */
  void probe(byte[] subscribed);

  /** Returns a line for what is published on any server of a cluster. */
  static Line plain(Listener listener) {
    return new Plain(listener);
  }

  /** Returns a line for what is published in the shard of its server; needs Redis 7. */
  static Line sharded(Listener listener) {
    return new Sharded(listener);
  }

  /** SUBSCRIBE. */
  final class Plain extends BinaryJedisPubSub implements Line {

    private final Listener listener;

    private Plain(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void listen(Connection connection, byte[] first) {
      proceed(connection, first);
    }

    @Override
    public void subscribe(byte[] channel) {
      subscribe(new byte[][] {channel});
    }

    @Override
    public void unsubscribe(byte[] channel) {
      unsubscribe(new byte[][] {channel});
    }

    @Override
    public void probe(byte[] subscribed) {
      ping();
    }

    @Override
    public void onMessage(byte[] channel, byte[] message) {
      listener.onMessage(channel, message);
    }

    @Override
    public void onSubscribe(byte[] channel, int count) {
      listener.onSubscribed(channel);
    }

    @Override
    public void onUnsubscribe(byte[] channel, int count) {
      listener.onUnsubscribed(channel);
    }

    @Override
    public void onPong(byte[] pattern) {
      listener.onPong();
    }
  }

  /** SSUBSCRIBE, one channel at a time, as each may be of another slot. */
  final class Sharded extends BinaryJedisShardedPubSub implements Line {

    private final Listener listener;

    private Sharded(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void listen(Connection connection, byte[] first) {
      proceed(connection, first);
    }

    @Override
    public void subscribe(byte[] channel) {
      ssubscribe(channel);
    }

    @Override
    public void unsubscribe(byte[] channel) {
      sunsubscribe(channel);
    }

    /** {@inheritDoc} Jedis takes no PONG here. */
    @Override
    public void probe(byte[] subscribed) {
      ssubscribe(subscribed);
    }

    @Override
    public void onSMessage(byte[] channel, byte[] message) {
      listener.onMessage(channel, message);
    }

    @Override
    public void onSSubscribe(byte[] channel, int count) {
      listener.onSubscribed(channel);
    }

    @Override
    public void onSUnsubscribe(byte[] channel, int count) {
      listener.onUnsubscribed(channel);
    }
  }
}
