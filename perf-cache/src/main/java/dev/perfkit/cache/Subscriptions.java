package dev.perfkit.cache;

import java.util.function.Consumer;

/**
 * Channels that are listened to. Promises nothing: whoever needs every message counts them. Safe
 * for use by any number of threads.
 */
interface Subscriptions extends AutoCloseable {

  /**
   * Who listens to a channel.
   *
   * @param onMessage gets every message
   * @param onConnect called whenever messages begin to come, before the first
   */
  record Channel(Consumer<byte[]> onMessage, Runnable onConnect) {}

  /** Listens to a channel as well. */
  void add(byte[] name, Channel channel);

  /** Stops listening to a channel. */
  void remove(byte[] name);

  /** Finds out whether the connections live, and makes new ones where they do not. */
  void check();

  @Override
  void close();
}
