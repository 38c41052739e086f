package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.cluster.StoredRecord;
import dev.perfkit.spi.Health;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Proves that one key never encrypts more than 2^32 messages over all processes: leases come out of
 * one count, a crash forfeits its own, a key that was used much is told of and replaced, and a
 * store that is away stops encryption alone, and only when the lease is used up.
 */
class KeyringLimitsTest {

  private static final long MAX = 1L << 32;

  private final KeyringFixture cluster = new KeyringFixture();

  @Test
  void leases_ofManyProcesses_neverExceedTwoToThe32() throws Exception {
    Keyring first = cluster.node("a").build();
    int key = first.primary().id();
    // 20 leases are left, and 8 processes ask for 5 each.
    count(key, MAX - 20 * KeyringFixture.LEASE - 7);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<Long>> taken = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      SharedCounts counts = new SharedCounts(cluster.store, "pii", "test");
      taken.add(pool.submit(() -> takeLeases(counts, key)));
    }
    long total = 0;
    for (Future<Long> some : taken) {
      total += some.get();
    }
    pool.shutdown();
    assertThat(total).isEqualTo(20 * KeyringFixture.LEASE + 7);
    assertThat(counted(key)).isEqualTo(MAX);
    FieldCipher cipher = cluster.cipher(first);
    assertEncryptFails(EncryptException.Reason.KEY_EXHAUSTED, cipher);
  }

  @Test
  void close_givesBack_andACrashForfeits() throws Exception {
    Keyring closing = cluster.node("closing").build();
    int key = closing.primary().id();
    FieldCipher cipher = cluster.cipher(closing);
    for (int i = 0; i < 10; i++) {
      cipher.encrypt("x", WHERE);
    }
    assertThat(counted(key)).isEqualTo(KeyringFixture.LEASE);
    closing.close();
    assertThat(counted(key)).isEqualTo(10);
    Keyring crashing = cluster.node("crashing").build();
    cluster.cipher(crashing).encrypt("x", WHERE);
    cluster.store.away();
    crashing.close();
    cluster.store.back();
    assertThat(counted(key)).isEqualTo(10 + KeyringFixture.LEASE);
    assertEncryptFails(EncryptException.Reason.STORE_UNAVAILABLE, cipher);
  }

  @Test
  void store_away_theLeaseIsFinishedAndDecryptionGoesOn() {
    Keyring keyring = cluster.node("a").weakForTests(KeyringFixture.FORMAT, 5_000).build();
    FieldCipher cipher = cluster.cipher(keyring);
    byte[] sealed = cipher.encrypt("x", WHERE);
    cluster.store.away();
    for (int i = 1; i < 5_000; i++) {
      cipher.encrypt("x", WHERE);
    }
    assertEncryptFails(EncryptException.Reason.STORE_UNAVAILABLE, cipher);
    assertThat(cipher.decryptToString(sealed, WHERE)).isEqualTo("x");
    cluster.store.back();
    cluster.time.advance(Duration.ofSeconds(1));
    assertThat(cipher.encrypt("x", WHERE)).isNotEmpty();
  }

  @Test
  void encrypt_withinItsLease_asksNoStore() {
    Keyring keyring = cluster.node("a").build();
    FieldCipher cipher = cluster.cipher(keyring);
    cipher.encrypt("x", WHERE);
    long calls = cluster.store.calls.get();
    for (int i = 0; i < 10_000; i++) {
      cipher.encrypt("x", WHERE);
    }
    assertThat(cluster.store.calls.get()).isEqualTo(calls);
  }

  @Test
  void use_overTwoToThe31_isToldAndOverThreeQuartersReplaced() throws Exception {
    Keyring keyring = cluster.node("a").build();
    FieldCipher cipher = cluster.cipher(keyring);
    int first = keyring.primary().id();
    count(first, (1L << 31) - KeyringFixture.LEASE - 1);
    cluster.ticks(1);
    assertThat(cluster.events.events("key-nearly-used-up")).isEmpty();
    count(first, 1L << 31);
    cluster.ticks(2);
    assertThat(cluster.events.events("key-nearly-used-up")).hasSize(1);
    assertThat(keyring.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(keyring.primary().id()).isEqualTo(first);
    assertThat(keyring.primary().messages()).isEqualTo(1L << 31);
    assertThat(cluster.telemetry.value("crypto.keyring.messages")).isEqualTo(1L << 31);
    count(first, 3L << 30);
    cluster.ticks(1);
    assertThat(keyring.primary().id()).isNotEqualTo(first);
    assertThat(keyring.primary().messages()).isLessThan(MAX);
    assertThat(cluster.events.events("key-added").get(0).details()).containsEntry("reason", "use");
    assertThat(keyring.health().status()).isEqualTo(Health.Status.UP);
    assertThat(cipher.encrypt("x", WHERE)).isNotEmpty();
  }

  @Test
  void rotateAtMessages_lower_replacesEarlier() throws Exception {
    Keyring keyring = cluster.node("a").rotateAtMessages(1_000).build();
    count(keyring.primary().id(), 1_000);
    cluster.ticks(1);
    assertThat(keyring.primary().version()).isEqualTo(2);
  }

  @Test
  void rotation_aMinuteLater_givesBackAndErasesTheOldKeys() throws Exception {
    Keyring keyring = cluster.node("a").build();
    List<KeyTable> tables = new ArrayList<>();
    LiveKeys keys =
        LiveKeys.of(
            keyring,
            (ring, budget) -> {
              tables.add(
                  new KeyTable(ring.cipherKeys(), Fixtures.engine(), budget, ring.unusable()));
              return tables.get(tables.size() - 1);
            });
    keys.current().spend();
    int first = keyring.primary().id();
    keyring.rotate();
    // An operation that began before still counts and encrypts with the old key.
    tables.get(0).spend();
    assertThat(tables.get(0).primary().derive(Suite.FIELD, 32)).hasSize(32);
    assertThat(counted(first)).isEqualTo(KeyringFixture.LEASE);
    cluster.time.advance(Duration.ofMinutes(1));
    assertThat(counted(first)).isEqualTo(2);
    assertThatThrownBy(() -> tables.get(0).primary().derive(Suite.FIELD, 32))
        .isInstanceOf(IllegalStateException.class);
    assertThat(keys.current().primary().derive(Suite.FIELD, 32)).hasSize(32);
    keys.destroy();
    assertThatThrownBy(() -> keys.current().primary().derive(Suite.FIELD, 32))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void committedFormat_always_spendsNoLease() throws Exception {
    Keyring keyring = cluster.node("a").build();
    FieldCipher cipher =
        FieldCipher.named("users")
            .keyring(keyring)
            .format(Format.C1)
            .scheduler(cluster.scheduler)
            .build();
    byte[] sealed = cipher.encrypt("x", WHERE);
    assertThat(counted(keyring.primary().id())).isZero();
    keyring.rotate();
    assertThat(cipher.decryptToString(sealed, WHERE)).isEqualTo("x");
  }

  private static long takeLeases(SharedCounts counts, int key) {
    long total = 0;
    for (int i = 0; i < 5; i++) {
      total += counts.reserve(key, KeyringFixture.LEASE, MAX);
    }
    return total;
  }

  private long counted(int key) throws IOException {
    return cluster
        .store
        .read(record(key))
        .map(stored -> ByteBuffer.wrap(stored.value()).getLong())
        .orElse(0L);
  }

  private void count(int key, long messages) throws IOException {
    long version = cluster.store.read(record(key)).map(StoredRecord::version).orElse(0L);
    byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(messages).array();
    assertThat(cluster.store.compareAndSet(record(key), version, value)).isTrue();
  }

  private static String record(int key) {
    return "keyring/pii/messages/" + Keyset.idText(key);
  }

  private static void assertEncryptFails(EncryptException.Reason reason, FieldCipher cipher) {
    assertThatThrownBy(() -> cipher.encrypt("x", WHERE))
        .isInstanceOfSatisfying(
            EncryptException.class, failure -> assertThat(failure.reason()).isEqualTo(reason));
  }
}
