package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.crac.Core;
import org.crac.Resource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Proves that copies of a process share no subkey and nonce once they reseeded, that a checkpoint
 * does it for them with encryption paused, and that nothing of this is needed to run.
 */
class CheckpointTest {

  private final Keyset keyset = Keyset.generate();

  @ParameterizedTest
  @EnumSource
  void reseed_copiesOfOneState_shareNoSubkeyAndNonce(Format format) {
    byte[] drawnBefore = new byte[NonceSource.BATCH * NonceSource.NONCE_BYTES];
    Randoms.fresh(drawnBefore);
    Set<ByteBuffer> before = new HashSet<>();
    Set<ByteBuffer> after = new HashSet<>();
    int messages = 600;
    for (int copy = 0; copy < 2; copy++) {
      // The state that both were cloned with: what was drawn before, and what would be drawn next.
      FieldCipher cipher = scripted(format, drawnBefore);
      for (int i = 0; i < 3; i++) {
        before.add(used(cipher, format));
      }
      cipher.reseed();
      for (int i = 0; i < messages; i++) {
        after.add(used(cipher, format));
      }
      cipher.close();
    }
    assertThat(before).as("the copies do begin alike").hasSize(3);
    assertThat(after).hasSize(2 * messages).doesNotContainAnyElementsOf(before);
  }

  @Test
  void checkpoint_encryptionUnderWay_waitsForTheRestore() throws Exception {
    AtomicInteger reseeds = new AtomicInteger();
    FieldCipher cipher =
        FieldCipher.named("pii")
            .keyset(keyset)
            .randoms(
                () ->
                    new RandomBytes() {
                      @Override
                      public void fill(byte[] target) {
                        Randoms.fresh(target);
                      }

                      @Override
                      public void reseed() {
                        reseeds.incrementAndGet();
                      }
                    })
            .build();
    byte[] sealed = cipher.encrypt("x", WHERE);
    Resource hook = (Resource) Objects.requireNonNull(cipher.checkpointHook());
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      hook.beforeCheckpoint(Core.getGlobalContext());
      Future<byte[]> waiting = pool.submit(() -> cipher.encrypt("y", WHERE));
      await()
          .during(Duration.ofMillis(50))
          .atMost(Duration.ofSeconds(20))
          .until(() -> !waiting.isDone());
      assertThat(cipher.decryptToString(sealed, WHERE)).isEqualTo("x");
      assertThat(reseeds).hasValue(0);
      hook.afterRestore(Core.getGlobalContext());
      assertThat(reseeds.get()).isPositive();
      assertThat(cipher.decryptToString(waiting.get(), WHERE)).isEqualTo("y");
    } finally {
      pool.shutdownNow();
      cipher.close();
    }
  }

  @Test
  void build_withoutCrac_works() throws Exception {
    Class<?> probe = Class.forName(Probe.class.getName(), true, new WithoutCrac());
    Runnable check = (Runnable) probe.getDeclaredConstructor().newInstance();
    assertThat(probe).isNotSameAs(Probe.class);
    check.run();
  }

  /** Runs in a class loader of its own, to which {@code org.crac} is not there. */
  public static final class Probe implements Runnable {

    @Override
    public void run() {
      try (FieldCipher cipher = Fixtures.cipher(Keyset.generate())) {
        assertThat(cipher.checkpointHook()).isNull();
        assertThat(cipher.decryptToString(cipher.encrypt("x", WHERE), WHERE)).isEqualTo("x");
      }
    }
  }

  private FieldCipher scripted(Format format, byte[] first) {
    AtomicInteger fills = new AtomicInteger();
    AtomicInteger reseeds = new AtomicInteger();
    RandomBytes script =
        new RandomBytes() {
          @Override
          public void fill(byte[] target) {
            if (reseeds.get() > 0) {
              Randoms.fresh(target);
            } else {
              int from = fills.getAndIncrement() * 1_000;
              System.arraycopy(first, from, target, 0, target.length);
            }
          }

          @Override
          public void reseed() {
            reseeds.incrementAndGet();
          }
        };
    return FieldCipher.named("pii").keyset(keyset).format(format).randoms(() -> script).build();
  }

  /** Encrypts once and returns what must be unique: key or subkey, and nonce. */
  private static ByteBuffer used(FieldCipher cipher, Format format) {
    byte[] sealed = cipher.encrypt(new byte[0], WHERE);
    int body = sealed.length - GcmKey.OVERHEAD;
    assertThat(sealed).hasSize(format.overhead());
    return ByteBuffer.wrap(Arrays.copyOf(sealed, body + NonceSource.NONCE_BYTES));
  }

  private static final class WithoutCrac extends ClassLoader {

    WithoutCrac() {
      super(CheckpointTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("org.crac.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("dev.perfkit.crypto.")) {
        return super.loadClass(name, resolve);
      }
      Class<?> known = findLoadedClass(name);
      return known == null ? define(name) : known;
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (file == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = file.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException failure) {
        throw new ClassNotFoundException(name, failure);
      }
    }
  }
}
