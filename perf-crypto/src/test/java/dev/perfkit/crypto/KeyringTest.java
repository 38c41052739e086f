package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.spi.Health;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves that keys change the safe way in a cluster: a new key encrypts only when every live
 * process has it, a dead process holds nothing up, nothing that is used is destroyed, and a process
 * that missed a change finds out when it needs to.
 */
class KeyringTest {

  private final KeyringFixture cluster = new KeyringFixture();

  @Test
  void rotate_singleNode_promotesAtOnce() {
    Keyring keyring = cluster.node("a").build();
    KeyringKey first = keyring.primary();
    assertThat(first.version()).isEqualTo(1);
    KeyringKey second = keyring.rotate();
    assertThat(second.state()).isEqualTo(KeyState.PRIMARY);
    assertThat(keyring.primary().id()).isEqualTo(second.id());
    assertThat(keyring.keys().get(0).state()).isEqualTo(KeyState.DECRYPT_ONLY);
    assertThat(cluster.events.types()).containsExactly("key-added", "key-promoted");
    assertThat(cluster.telemetry.count("crypto.keyring.rotations")).isEqualTo(1);
    assertThat(cluster.telemetry.value("crypto.keyring.primary_age")).isZero();
  }

  @Test
  void rotate_twoNodes_waitsForTheOtherOne() {
    Keyring a = cluster.node("a").build();
    Keyring b = cluster.node("b").build();
    cluster.ticks(1);
    KeyringKey pending = a.rotate();
    assertThat(pending.state()).isEqualTo(KeyState.PENDING);
    assertThat(a.health().details()).containsEntry("pending_key", Keyset.idText(pending.id()));
    // b has not reported the key yet, and so nobody may promote it.
    assertReason(Reason.REFUSED, () -> a.promote(pending.id()))
        .hasMessageContaining("reported by every live process")
        .hasMessageContaining("[b]");
    assertReason(Reason.REFUSED, a::rotate).hasMessageContaining("pending already");
    byte[] early = cluster.cipher(a).encrypt("x", WHERE);
    cluster.ticks(2);
    assertThat(a.primary().id()).isEqualTo(pending.id());
    assertThat(b.primary().id()).isEqualTo(pending.id());
    assertThat(cluster.cipher(b).decryptToString(early, WHERE)).isEqualTo("x");
  }

  @Test
  void rotate_besideADeadNode_isHeldUpForItsLeaseOnly() {
    Keyring a = cluster.node("a").build();
    Keyring dead = cluster.node("dead", new FaultyCoordination(cluster.store)).build();
    cluster.ticks(1);
    // It ends without a word: what it asks of the store never arrives again.
    Keyring killed = cluster.node("killed").build();
    cluster.ticks(1);
    dead.close();
    cluster.store.callsLeft = -1;
    killIn(killed);
    int pending = a.rotate().id();
    assertThat(a.primary().id()).isNotEqualTo(pending);
    cluster.time.advance(Duration.ofSeconds(50));
    assertThat(a.primary().id()).isNotEqualTo(pending);
    cluster.time.advance(Duration.ofSeconds(20));
    assertThat(a.primary().id()).isEqualTo(pending);
  }

  @Test
  void forcePromote_unreportedKey_isToldAndWorks() {
    Keyring a = cluster.node("a").build();
    Keyring b = cluster.node("b").build();
    cluster.ticks(1);
    FieldCipher reader = cluster.cipher(b);
    int pending = a.rotate().id();
    a.forcePromote(pending, "key 1 leaked");
    assertThat(a.primary().id()).isEqualTo(pending);
    assertThat(cluster.events.events("key-promotion-forced").get(0).details())
        .containsEntry("reason", "key 1 leaked")
        .containsEntry("unreported_by", "b");
    // b has never heard of the key, and finds out when it meets it.
    byte[] sealed = cluster.cipher(a).encrypt("x", WHERE);
    assertThat(reader.decryptToString(sealed, WHERE)).isEqualTo("x");
    assertThatThrownBy(() -> a.forcePromote(pending, " "))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rotation_byAge_happensOnceAfterNinetyDays() {
    Keyring a = cluster.node("a").build();
    Keyring b = cluster.node("b").build();
    cluster.days(89);
    assertThat(a.primary().version()).isEqualTo(1);
    cluster.days(1);
    cluster.ticks(3);
    assertThat(a.primary().version()).isEqualTo(2);
    assertThat(b.primary()).isEqualTo(a.primary());
    assertThat(a.keys()).hasSize(2);
    cluster.days(89);
    assertThat(a.keys()).hasSize(2);
    assertThat(cluster.events.events("key-added").get(0).details()).containsEntry("reason", "age");
  }

  @Test
  void promote_olderKey_takesTheRotationBack() {
    Keyring a = cluster.node("a").build();
    int first = a.primary().id();
    int second = a.rotate().id();
    cluster.ticks(1);
    a.promote(first);
    assertThat(a.primary().id()).isEqualTo(first);
    a.minimumVersions(1, 1);
    a.promote(second);
    a.minimumVersions(2, 1);
    assertReason(Reason.REFUSED, () -> a.promote(first))
        .hasMessageContaining("minimum encrypt version 2");
  }

  @Test
  void minimumDecryptVersion_raised_refusesOlderCiphertexts() {
    Keyring a = cluster.node("a").build();
    FieldCipher cipher = cluster.cipher(a);
    byte[] old = cipher.encrypt("x", WHERE);
    a.rotate();
    byte[] fresh = cipher.encrypt("y", WHERE);
    a.minimumVersions(2, 2);
    assertDecryptFails(DecryptException.Reason.DISABLED_KEY, cipher, old)
        .hasMessageContaining("under the minimum decrypt version 2");
    assertThat(cipher.decryptToString(fresh, WHERE)).isEqualTo("y");
    a.minimumVersions(2, 1);
    assertThat(cipher.decryptToString(old, WHERE)).isEqualTo("x");
    assertReason(Reason.REFUSED, () -> a.minimumVersions(3, 1));
    assertReason(Reason.REFUSED, () -> a.minimumVersions(1, 2));
    assertReason(Reason.REFUSED, () -> a.minimumVersions(1, 0));
  }

  @Test
  void destroy_keyInUse_isRefusedUntilEverythingIsProven() {
    Keyring a = cluster.node("a").build();
    FieldCipher cipher = cluster.cipher(a);
    int first = a.primary().id();
    byte[] old = cipher.encrypt("x", WHERE);
    assertReason(Reason.REFUSED, () -> a.destroy(first, cluster.noRows()))
        .hasMessageContaining("encrypts");
    assertReason(Reason.REFUSED, () -> a.disable(first)).hasMessageContaining("promote another");
    a.rotate();
    a.disable(first);
    assertDecryptFails(DecryptException.Reason.DISABLED_KEY, cipher, old);
    assertReason(Reason.REFUSED, () -> a.destroy(first, cluster.noRows()))
        .hasMessageContaining("30 days")
        .hasMessageContaining("backups");
    RowsPerKey early = cluster.noRows();
    cluster.days(30);
    assertReason(Reason.REFUSED, () -> a.destroy(first, early))
        .hasMessageContaining("within the last day")
        .hasMessageContaining("backups");
    RowsPerKey used = new RowsPerKey(Map.of(first, 3L), now());
    assertReason(Reason.REFUSED, () -> a.destroy(first, used)).hasMessageContaining("3 rows");
    a.enable(first);
    assertThat(cipher.decryptToString(old, WHERE)).isEqualTo("x");
    a.disable(first);
    cluster.days(31);
    a.destroy(first, cluster.noRows());
    assertThat(a.keys().get(0).state()).isEqualTo(KeyState.DESTROYED);
    assertThat(a.keyset().keyIds()).doesNotContain(first);
    assertDecryptFails(DecryptException.Reason.DISABLED_KEY, cipher, old)
        .hasMessageContaining("destroyed");
    assertReason(Reason.REFUSED, () -> a.enable(first));
  }

  @Test
  void importKeys_otherKeyOfTheSameId_changesNothing() throws Exception {
    Keyring a = cluster.node("a").build();
    Keyset other = Keyset.generate();
    byte[] foreign = Fixtures.cipher(other).encrypt("x", WHERE);
    a.importKeys(other);
    assertThat(cluster.cipher(a).decryptToString(foreign, WHERE)).isEqualTo("x");
    a.importKeys(other);
    assertThat(a.keys()).hasSize(2);
    Keyset colliding =
        Fixtures.keysetOf(
            com.google.crypto.tink.KeysetHandle.newBuilder()
                .addEntry(
                    com.google.crypto.tink.KeysetHandle.generateEntryFromParameters(
                            com.google.crypto.tink.aead.PredefinedAeadParameters.AES256_GCM)
                        .withFixedId(other.primaryKeyId())
                        .makePrimary()));
    assertReason(Reason.COLLISION, () -> a.importKeys(colliding));
    assertThat(a.keys()).hasSize(2);
  }

  @Test
  void unknownKey_flood_asksTheStoreOnceASecond() {
    Keyring a = cluster.node("a").build();
    FieldCipher cipher = cluster.cipher(a);
    byte[] foreign = Fixtures.cipher(Keyset.generate()).encrypt("x", WHERE);
    cluster.time.advance(Duration.ZERO);
    long before = cluster.store.calls.get();
    for (int i = 0; i < 100; i++) {
      assertDecryptFails(DecryptException.Reason.UNKNOWN_KEY, cipher, foreign);
    }
    assertThat(cluster.store.calls.get() - before).isEqualTo(1);
    cluster.time.advance(Duration.ofSeconds(1));
    assertDecryptFails(DecryptException.Reason.UNKNOWN_KEY, cipher, foreign);
    assertThat(cluster.store.calls.get() - before).isEqualTo(2);
    cluster.store.away();
    cluster.time.advance(Duration.ofSeconds(1));
    assertDecryptFails(DecryptException.Reason.UNKNOWN_KEY, cipher, foreign);
  }

  @Test
  void store_away_degradesAndRecovers() {
    Keyring a = cluster.node("a").build();
    FieldCipher cipher = cluster.cipher(a);
    byte[] sealed = cipher.encrypt("x", WHERE);
    cluster.time.advance(Duration.ZERO);
    cluster.store.away();
    cluster.ticks(3);
    assertThat(a.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(cluster.events.events("keyring-trouble")).hasSize(1);
    assertThat(cluster.telemetry.count("crypto.keyring.refresh_failures")).isEqualTo(3);
    assertThat(cipher.decryptToString(sealed, WHERE)).isEqualTo("x");
    assertThat(cipher.encrypt("y", WHERE)).isNotEmpty();
    assertReason(Reason.UNAVAILABLE, a::rotate);
    cluster.store.back();
    cluster.ticks(1);
    assertThat(a.health().status()).isEqualTo(Health.Status.UP);
  }

  @Test
  void store_rolledBack_isNoticed() throws Exception {
    Keyring a = cluster.node("a").build();
    var old = cluster.store.read("keyring/pii").orElseThrow();
    a.rotate();
    var other = new KeyringFixture();
    other.store.compareAndSet("keyring/pii", 0, old.value());
    RingStore store =
        new SharedRingStore(
            other.store, cluster.kms, "pii", new SharedCounts(other.store, "pii", "pii"));
    assertReason(Reason.ROLLED_BACK, () -> store.newerThan(3));
    // The old content as a newer version does not open: the version is authenticated.
    cluster.store.compareAndSet("keyring/pii", 3, old.value());
    assertReason(Reason.WRONG_PASSWORD, a::refresh);
  }

  @Test
  void build_otherKeyManagement_doesNotOpen() {
    cluster.node("a").build();
    KeyringBuilder other = cluster.node("b").keyManagement(KeyringFixture.kms(Keyset.generate()));
    assertReason(Reason.WRONG_PASSWORD, other::build);
  }

  @Test
  void build_wrongOptions_areNamedTogether() {
    assertThatThrownBy(() -> Keyring.named("x").memberLease(Duration.ofSeconds(10)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("its place must be a file, or a coordination store")
        .hasMessageContaining("memberLease must be at least 3 times refreshEvery");
    assertThatThrownBy(() -> Keyring.named("x").memberLease(Duration.ofSeconds(61)))
        .hasMessageContaining("memberLease must be at most PT1M");
    assertThatThrownBy(() -> Keyring.named("x").rotateAtMessages(1L << 32))
        .hasMessageContaining("rotateAtMessages must be between 1 and");
    assertThatThrownBy(() -> Keyring.named("x".repeat(101)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FieldCipher.named("x").build())
        .hasMessageContaining("keyset or keyring must be given");
  }

  @Test
  @Timeout(60)
  void close_whileTheStoreNeverAnswers_isNotHeldUp() throws Exception {
    Keyring a = cluster.node("a").build();
    cluster.store.hanging = new CountDownLatch(1);
    a.close();
    assertThat(cluster.store.hanging.getCount()).as("it never answered").isEqualTo(1);
    assertThat(a.health().status()).isEqualTo(Health.Status.DOWN);
  }

  @Test
  void toString_always_keepsKeysToItself() {
    Keyring a = cluster.node("a").build();
    assertThat(a.toString())
        .startsWith("Keyring[pii, UP")
        .contains(Keyset.idText(a.primary().id()));
    assertThat(a.primary().toString()).contains("PRIMARY");
  }

  /** Makes a node disappear as a killed process does: nothing is said to the store. */
  private void killIn(Keyring killed) {
    cluster.store.away();
    killed.close();
    cluster.store.back();
  }

  private Instant now() {
    return Instant.ofEpochMilli(cluster.time.currentTimeMillis());
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertReason(
      Reason reason, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            KeysetException.class,
            failure -> assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason));
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable>
      assertDecryptFails(DecryptException.Reason reason, FieldCipher cipher, byte[] sealed) {
    return assertThatThrownBy(() -> cipher.decrypt(sealed, WHERE))
        .isInstanceOfSatisfying(
            DecryptException.class, failure -> assertThat(failure.reason()).isEqualTo(reason));
  }
}
