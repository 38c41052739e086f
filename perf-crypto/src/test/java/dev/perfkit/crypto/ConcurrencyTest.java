package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Proves that threads never disturb each other: many of them share few ciphers, and a close in the
 * middle makes an operation fail or end rightly, but never encrypt under a half erased key.
 */
class ConcurrencyTest {

  private static final int THREADS = 8;

  @Test
  void cipher_manyThreads_neverMixesMessagesNorRepeatsANonce() throws Exception {
    Keyset keyset = Keyset.generate();
    FieldCipher cipher = Fixtures.cipher(keyset);
    Aead tink = Fixtures.tink(keyset);
    Set<ByteBuffer> nonces = ConcurrentHashMap.newKeySet();
    int each = 5_000;
    together(
        thread -> {
          CipherContext where = CipherContext.ofTable("t").row(thread);
          for (int i = 0; i < each; i++) {
            byte[] clear = ByteBuffer.allocate(8 + i % 50).putInt(thread).putInt(i).array();
            byte[] sealed = cipher.encrypt(clear, where);
            assertThat(nonces.add(ByteBuffer.wrap(Arrays.copyOfRange(sealed, 5, 17)))).isTrue();
            assertThat(cipher.decrypt(sealed, where)).isEqualTo(clear);
            if (i % 16 == 0) {
              byte[] bad = sealed.clone();
              bad[20] ^= 1;
              assertThatThrownBy(() -> cipher.decrypt(bad, where))
                  .isInstanceOf(DecryptException.class);
              assertThat(tink.decrypt(sealed, where.toAssociatedData())).isEqualTo(clear);
            }
          }
        });
    assertThat(nonces).hasSize(THREADS * each);
  }

  @Test
  void close_whileEncrypting_leavesOnlyRightCiphertexts() throws Exception {
    for (int round = 0; round < 100; round++) {
      Keyset keyset = Keyset.generate();
      FieldCipher cipher = Fixtures.cipher(keyset);
      Aead tink = Fixtures.tink(keyset);
      CountDownLatch underWay = new CountDownLatch(1 + round % 20);
      together(
          thread -> {
            if (thread == 0) {
              underWay.await();
              cipher.close();
              return;
            }
            for (int i = 0; i < 1_000; i++) {
              byte[] sealed;
              try {
                sealed = cipher.encrypt(new byte[] {1, 2, 3}, WHERE);
              } catch (IllegalStateException closed) {
                assertThat(closed).hasMessage("field cipher 'pii' is closed");
                return;
              }
              assertThat(tink.decrypt(sealed, WHERE.toAssociatedData())).containsExactly(1, 2, 3);
              underWay.countDown();
            }
          });
    }
  }

  @Test
  void close_whileEncryptingCommitted_leavesOnlyRightCiphertexts() throws Exception {
    for (int round = 0; round < 50; round++) {
      Keyset keyset = Keyset.generate();
      FieldCipher cipher = FieldCipher.named("pii").keyset(keyset).format(Format.C1).build();
      FieldCipher reader = Fixtures.cipher(keyset);
      CountDownLatch underWay = new CountDownLatch(1 + round % 20);
      together(
          thread -> {
            if (thread == 0) {
              underWay.await();
              cipher.close();
              return;
            }
            try {
              for (int i = 0; i < 1_000; i++) {
                byte[] sealed = cipher.encrypt(new byte[] {1, 2, 3}, WHERE);
                assertThat(reader.decrypt(sealed, WHERE)).containsExactly(1, 2, 3);
                cipher.reseed();
                underWay.countDown();
              }
            } catch (IllegalStateException closed) {
              assertThat(closed).hasMessage("field cipher 'pii' is closed");
            }
          });
    }
  }

  @Test
  void wipeableKey_readWhileDestroyed_isWholeOrRefused() throws Exception {
    byte[] whole = new byte[32];
    Arrays.fill(whole, (byte) 0x5A);
    for (int round = 0; round < 2_000; round++) {
      WipeableKey key = new WipeableKey(whole.clone());
      CountDownLatch start = new CountDownLatch(1);
      Thread destroyer =
          new Thread(
              () -> {
                start.countDown();
                key.destroy();
              });
      destroyer.start();
      start.await();
      try {
        while (true) {
          assertThat(Arrays.equals(key.getEncoded(), whole)).isTrue();
        }
      } catch (IllegalStateException destroyed) {
        assertThat(key.isDestroyed()).isTrue();
      }
      destroyer.join();
    }
  }

  @Test
  void pool_manyTaken_keepsNoMoreThanItsSlotsAndSpares() throws GeneralSecurityException {
    CipherPool pool = new CipherPool(Fixtures.engine(), 2);
    List<PooledCipher> taken = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      taken.add(pool.take());
    }
    assertThat(taken).doesNotHaveDuplicates();
    assertThat(pool.idle()).isZero();
    taken.forEach(cipher -> pool.give(cipher, true));
    assertThat(pool.capacity()).isEqualTo(16);
    assertThat(pool.idle()).isEqualTo(16 + CipherPool.MAX_SPARE);
    List<PooledCipher> again = new ArrayList<>();
    for (int i = 0; i < 16 + CipherPool.MAX_SPARE; i++) {
      again.add(pool.take());
    }
    assertThat(taken).containsAll(again);
    assertThat(again).doesNotHaveDuplicates();
    assertThat(taken).doesNotContain(pool.take());
    pool.close();
    again.forEach(cipher -> pool.give(cipher, true));
    assertThat(pool.idle()).isZero();
    pool.give(pool.take(), true);
    assertThat(pool.idle()).isZero();
  }

  @Test
  void pool_cipherFailed_isDroppedAndItsSlotIsFree() throws GeneralSecurityException {
    CipherPool pool = new CipherPool(Fixtures.engine(), 2);
    for (int i = 0; i < 20; i++) {
      PooledCipher failed = pool.take();
      assertThat(failed.slot()).isNotNegative();
      pool.give(failed, false);
      assertThat(pool.idle()).isZero();
      PooledCipher next = pool.take();
      assertThat(next).isNotSameAs(failed);
      pool.give(next, true);
      assertThat(pool.take()).isSameAs(next);
      pool.give(next, false);
    }
  }

  @Test
  void key_afterAFailure_keepsNoCipher() throws GeneralSecurityException {
    GcmKey key = new GcmKey(new WipeableKey(new byte[32]), Fixtures.engine());
    assertThatThrownBy(() -> key.open(new byte[40], 0, 40, new byte[0], new byte[12], 0))
        .isInstanceOf(GeneralSecurityException.class);
    assertThat(key.idleCiphers()).isZero();
  }

  @Test
  void key_destroyed_holdsNoSecretAndNoCipher() throws Exception {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) 1);
    GcmKey key = new GcmKey(new WipeableKey(secret), Fixtures.engine());
    key.seal(new byte[1], 0, 1, new byte[0], new byte[29], 0);
    assertThat(key.idleCiphers()).isEqualTo(1);
    key.destroy();
    assertThat(key.idleCiphers()).isZero();
    assertThat(secret).containsOnly(0);
    assertThatThrownBy(() -> key.seal(new byte[1], 0, 1, new byte[0], new byte[29], 0))
        .isInstanceOf(IllegalStateException.class);
  }

  interface Work {
    void run(int thread) throws Exception;
  }

  static void together(Work work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    CountDownLatch start = new CountDownLatch(THREADS);
    try {
      List<Future<Integer>> tasks = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        Callable<Integer> task =
            () -> {
              start.countDown();
              start.await();
              work.run(thread);
              return thread;
            };
        tasks.add(pool.submit(task));
      }
      for (Future<Integer> task : tasks) {
        task.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
