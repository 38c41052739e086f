package dev.perfkit.cache;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.RedisClient;

/**
 * The cache that one writes in an hour: look, load, store; delete and publish. It has to be caught,
 * or the checker checks nothing.
 */
final class NaiveSubject implements Subject {

  private final Map<String, Long> memory = new ConcurrentHashMap<>();
  private final Truth truth;
  private final RedisClient client;

  NaiveSubject(String uri, Truth truth) {
    this.truth = truth;
    this.client = RedisClient.create(URI.create(uri));
    JedisPubSub drop =
        new JedisPubSub() {
          @Override
          public void onMessage(String channel, String key) {
            memory.remove(key);
          }
        };
    Thread listener = new Thread(() -> client.subscribe(drop, "naive"), "naive");
    listener.setDaemon(true);
    listener.start();
  }

  @Override
  public Long get(int key) {
    Long found = peek(key);
    if (found != null) {
      return found;
    }
    long loaded = truth.load(key, List.of());
    keep(key, loaded);
    return loaded;
  }

  private void keep(int key, long version) {
    client.set("naive:" + key, Long.toString(version));
    memory.put("naive:" + key, version);
  }

  @Override
  public @Nullable Long peek(int key) {
    return memory.computeIfAbsent(
        "naive:" + key,
        text -> {
          String stored = client.get(text);
          return stored == null ? null : Long.valueOf(stored);
        });
  }

  @Override
  public @Nullable Long memory(int key) {
    return memory.get("naive:" + key);
  }

  @Override
  public void put(int key, long version) {
    truth.store(key, version);
    remove(key, null);
    keep(key, version);
  }

  @Override
  public void remove(int key, @Nullable String freshness) {
    client.del("naive:" + key);
    memory.remove("naive:" + key);
    client.publish("naive", "naive:" + key);
  }

  @Override
  public void removeTagOf(int key, @Nullable String freshness) {
    remove(key, freshness);
  }

  @Override
  public void clear() {
    for (int key = 0; key < Board.KEYS; key++) {
      remove(key, null);
    }
  }

  @Override
  public boolean answers(int key) {
    return true;
  }

  @Override
  public boolean isSettled() {
    return true;
  }

  @Override
  public boolean isUp() {
    return true;
  }

  @Override
  public void close() {
    client.close();
  }
}
