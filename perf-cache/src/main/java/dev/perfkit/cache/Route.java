package dev.perfkit.cache;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.HostAndPort;

/**
 * How commands reach Redis. Each is sent once: a command without an answer may have been executed,
 * so nobody but the caller knows whether to repeat it. Throws what Jedis throws.
 */
interface Route extends AutoCloseable {

  /** Sends a command where its keys are. */
  <T> T run(CommandObject<T> command);

  /**
   * Sends several commands, each where its keys are, in one round trip to each server.
   *
   * @return for each an answer, or the exception in its place
   */
  List<Object> runAll(List<? extends CommandObject<?>> commands);

  /** Sends a command that names no key to the server that has this one. */
  <T> T runAt(byte[] key, CommandObject<T> command);

  /** After a connection was lost others may be dead as well: closes those that nobody uses. */
  void dropIdle();

  /** Finds out where the keys are by now, if there is reason to doubt what is known. */
  void refresh();

  /** Returns where to listen; another place at each call, if there are several. */
  HostAndPort listenAt();

  /** Returns which server has a key, as far as is known without asking; null if it is not. */
  @Nullable HostAndPort masterOf(byte[] key);

  @Override
  void close();
}
