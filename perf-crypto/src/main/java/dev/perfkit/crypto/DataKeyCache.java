package dev.perfkit.crypto;

import dev.perfkit.crypto.kms.KeyManagement;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.Telemetry.Counter;
import dev.perfkit.spi.Telemetry.Registration;
import dev.perfkit.spi.Telemetry.Timer;
import dev.perfkit.spi.TimeSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The data keys of one cipher: the one that encrypts now, and those that were met when decrypting.
 * The service is asked by one thread at a time for a new key, and by one for each wrapped key; the
 * others wait for its answer. A new key is made before the old one is used up. What is handed out
 * is acquired, and must be released.
 */
final class DataKeyCache {

  private static final int KEY_BYTES = 32;
  private static final long MAX_WAIT_MILLIS = 5_000;

  private final KeyManagement service;
  private final byte[] context;
  private final Engine engine;
  private final DataKeyLimits limits;
  private final int capacity;
  private final TimeSource time;
  private final Consumer<Runnable> background;
  private final SecureRandom random = new SecureRandom();
  private final ReentrantLock creating = new ReentrantLock();
  private final ReentrantLock[] unwrapping = new ReentrantLock[16];
  private final ReentrantLock cacheLock = new ReentrantLock();
  private final Map<ByteBuffer, DataKey> cache = new LinkedHashMap<>(16, 0.75f, true);
  private final AtomicBoolean refreshing = new AtomicBoolean();
  private final Counter created;
  private final Counter unwrapped;
  private final Counter hits;
  private final Counter failures;
  private final Timer serviceTime;
  private final Registration gauge;
  private volatile @Nullable DataKey current;
  private volatile boolean closed;

  DataKeyCache(
      String name,
      KeyManagement service,
      byte[] context,
      Engine engine,
      DataKeyLimits limits,
      int capacity,
      Telemetry telemetry,
      TimeSource time,
      Consumer<Runnable> background) {
    this.service = service;
    this.context = context;
    this.engine = engine;
    this.limits = limits;
    this.capacity = capacity;
    this.time = time;
    this.background = background;
    Arrays.setAll(unwrapping, i -> new ReentrantLock());
    created = telemetry.counter(metric(name, "created", "data keys made and wrapped"));
    unwrapped = telemetry.counter(metric(name, "unwrapped", "data keys unwrapped by the service"));
    hits = telemetry.counter(metric(name, "hits", "data keys found in the cache"));
    failures = telemetry.counter(metric(name, "failures", "calls of the service that failed"));
    serviceTime = telemetry.timer(metric(name, "service_time", "calls of the service"));
    gauge = telemetry.gauge(metric(name, "cached", "data keys in the cache"), this::size);
  }

  /**
   * Returns the key for one message, which is counted.
   *
   * @throws IOException if a new one is needed and the service is away
   * @throws TimeoutException if another thread waits for the service too long
   */
  DataKey toEncrypt(long length)
      throws GeneralSecurityException, IOException, TimeoutException, InterruptedException {
    while (!closed) {
      DataKey now = current;
      if (now != null && usable(now) && now.spend(limits, length) && now.acquire()) {
        hits.increment();
        if (now.nearsItsEnd(limits, time.nanoTime())) {
          refreshAhead(now);
        }
        return now;
      }
      replace(now);
    }
    throw new GeneralSecurityException("the cipher is closed");
  }

  /**
   * Returns the key of a wrapped one.
   *
   * @throws GeneralSecurityException if the service refuses it
   * @throws IOException if the service is away
   */
  DataKey toDecrypt(byte[] wrapped)
      throws GeneralSecurityException, IOException, TimeoutException, InterruptedException {
    ByteBuffer id = ByteBuffer.wrap(wrapped);
    DataKey found = find(id);
    if (found != null) {
      hits.increment();
      return found;
    }
    ReentrantLock turn = unwrapping[id.hashCode() & (unwrapping.length - 1)];
    await(turn);
    try {
      DataKey meanwhile = find(id);
      return meanwhile == null ? unwrap(wrapped) : meanwhile;
    } finally {
      turn.unlock();
    }
  }

  void close() {
    closed = true;
    gauge.close();
    List<DataKey> all;
    cacheLock.lock();
    try {
      all = new ArrayList<>(cache.values());
      cache.clear();
      current = null;
    } finally {
      cacheLock.unlock();
    }
    all.forEach(DataKey::release);
  }

  private boolean usable(DataKey key) {
    return !key.isTooOld(limits, time.nanoTime());
  }

  /** Makes a new key in the place of one, unless another thread did so meanwhile. */
  private void replace(@Nullable DataKey old)
      throws GeneralSecurityException, IOException, TimeoutException, InterruptedException {
    await(creating);
    try {
      if (current == old) {
        current = create();
      }
    } finally {
      creating.unlock();
    }
  }

  private void refreshAhead(DataKey old) {
    if (refreshing.compareAndSet(false, true)) {
      background.accept(
          () -> {
            try {
              replace(old);
            } catch (GeneralSecurityException | IOException | TimeoutException later) {
              // The old key goes on; when it is used up the caller gets the error.
              failures.increment();
            } catch (InterruptedException stopped) {
              Thread.currentThread().interrupt();
            } finally {
              refreshing.set(false);
            }
          });
    }
  }

  private DataKey create() throws GeneralSecurityException, IOException {
    byte[] secret = new byte[KEY_BYTES];
    random.nextBytes(secret);
    byte[] wrapped = timed(() -> service.wrap(secret.clone(), context), secret);
    created.increment();
    return remember(secret, wrapped, false);
  }

  private DataKey unwrap(byte[] wrapped) throws GeneralSecurityException, IOException {
    byte[] secret = timed(() -> service.unwrap(wrapped.clone(), context), new byte[0]);
    if (secret.length != KEY_BYTES) {
      Arrays.fill(secret, (byte) 0);
      throw new GeneralSecurityException("a data key has 32 bytes but this has " + secret.length);
    }
    unwrapped.increment();
    return remember(secret, wrapped, true);
  }

  /** Puts a key into the cache, which then is a user of it; the oldest ones leave. */
  private DataKey remember(byte[] secret, byte[] wrapped, boolean acquired) {
    DataKey fresh =
        new DataKey(new GcmKey(new WipeableKey(secret), engine), wrapped, time.nanoTime());
    if (acquired) {
      fresh.acquire();
    }
    List<DataKey> evicted = new ArrayList<>();
    cacheLock.lock();
    try {
      if (closed) {
        evicted.add(fresh);
      } else {
        evict(cache.put(ByteBuffer.wrap(wrapped), fresh), evicted);
        while (cache.size() > capacity) {
          evict(cache.remove(cache.keySet().iterator().next()), evicted);
        }
      }
    } finally {
      cacheLock.unlock();
    }
    evicted.forEach(DataKey::release);
    return fresh;
  }

  private static void evict(@Nullable DataKey key, List<DataKey> evicted) {
    if (key != null) {
      evicted.add(key);
    }
  }

  /** Returns an acquired key of the cache; one that is too old leaves it. */
  private @Nullable DataKey find(ByteBuffer id) {
    DataKey old = null;
    cacheLock.lock();
    try {
      DataKey found = cache.get(id);
      if (found == null) {
        return null;
      }
      if (usable(found)) {
        return found.acquire() ? found : null;
      }
      old = cache.remove(id);
    } finally {
      cacheLock.unlock();
    }
    if (old != null) {
      old.release();
    }
    return null;
  }

  private double size() {
    cacheLock.lock();
    try {
      return cache.size();
    } finally {
      cacheLock.unlock();
    }
  }

  private interface Call {
    byte[] run() throws GeneralSecurityException, IOException;
  }

  private byte[] timed(Call call, byte[] wipedOnFailure)
      throws GeneralSecurityException, IOException {
    long begin = time.nanoTime();
    boolean done = false;
    try {
      byte[] result = call.run();
      done = true;
      return result;
    } finally {
      serviceTime.record(time.nanoTime() - begin);
      if (!done) {
        failures.increment();
        Arrays.fill(wipedOnFailure, (byte) 0);
      }
    }
  }

  private static void await(ReentrantLock turn) throws TimeoutException, InterruptedException {
    if (!turn.tryLock(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
      throw new TimeoutException(
          "another thread has waited for key management for " + MAX_WAIT_MILLIS + " ms");
    }
  }

  private static Metric metric(String name, String what, String help) {
    return Metric.named("crypto.data_keys." + what).help(help).tag("cipher", name);
  }
}
