package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.KeysetException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that a keyring in a file survives restarts, tells damage, a wrong password and an older
 * file apart, counts messages ahead of their use, and takes over a plain keyset file.
 */
class KeyringFileTest {

  private final KeyringFixture fixture = new KeyringFixture();
  private final Path path;

  KeyringFileTest(@TempDir Path folder) {
    path = folder.resolve("pii.keyring");
  }

  @Test
  void build_afterARestart_hasTheSameKeysAndStates() {
    Keyring first = fixture.inFile(path).build();
    byte[] old = fixture.cipher(first).encrypt("x", WHERE);
    int disabled = first.primary().id();
    first.rotate();
    first.disable(disabled);
    first.enable(disabled);
    first.minimumVersions(2, 1);
    first.close();
    Keyring second = fixture.inFile(path).build();
    assertThat(second.keys()).hasSize(2);
    assertThat(second.primary().version()).isEqualTo(2);
    assertThat(fixture.cipher(second).decryptToString(old, WHERE)).isEqualTo("x");
    assertReason(Reason.REFUSED, () -> second.minimumVersions(3, 3));
  }

  @Test
  void build_keysetFile_becomesAKeyringWithTheFirstChange() {
    KeysetFile file = KeysetFile.atWithWeakIterationsForTests(path, KeyringFixture.WEAK);
    Keyset keyset = file.readOrCreate(KeyringFixture.PASSWORD).withNewKey();
    file.replace(keyset, KeyringFixture.PASSWORD);
    byte[] old = Fixtures.cipher(keyset).encrypt("x", WHERE);
    Keyring keyring = fixture.inFile(path).build();
    assertThat(keyring.primary().id()).isEqualTo(keyset.primaryKeyId());
    assertThat(keyring.keys().get(1).state()).isEqualTo(KeyState.DECRYPT_ONLY);
    keyring.rotate();
    assertThat(fixture.cipher(keyring).decryptToString(old, WHERE)).isEqualTo("x");
    assertReason(Reason.UNSUPPORTED, () -> file.read(KeyringFixture.PASSWORD))
        .hasMessageContaining("holds a keyring");
  }

  @Test
  void build_wrongPasswordOrDamage_isTold() throws IOException {
    fixture.inFile(path).build().close();
    assertReason(
        Reason.WRONG_PASSWORD,
        () -> fixture.inFile(path).file(path, "other".toCharArray()).build());
    byte[] good = Files.readAllBytes(path);
    for (int i = 0; i < good.length; i += 7) {
      byte[] changed = good.clone();
      changed[i] ^= 1;
      Files.write(path, changed);
      assertReason(i < 5 ? Reason.UNSUPPORTED : Reason.DAMAGED, () -> fixture.inFile(path).build());
    }
    assertThatThrownBy(() -> fixture.inFile(path).file(path, new char[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refresh_olderFilePutBack_isNoticed() throws IOException {
    Keyring keyring = fixture.inFile(path).build();
    byte[] old = Files.readAllBytes(path);
    keyring.rotate();
    Files.write(path, old);
    assertReason(Reason.ROLLED_BACK, keyring::refresh);
  }

  @Test
  void build_olderFileThanTheStoreHasSeen_isNoticed() throws IOException {
    Keyring keyring = fixture.inFile(path).coordination(fixture.store).build();
    byte[] old = Files.readAllBytes(path);
    keyring.rotate();
    keyring.close();
    Files.write(path, old);
    assertReason(
        Reason.ROLLED_BACK, () -> fixture.inFile(path).coordination(fixture.store).build());
    // Without the store nobody can know.
    fixture.inFile(path).build().close();
  }

  @Test
  void encrypt_inOneProcess_reservesMessagesInTheFileFirst() {
    Keyring keyring = fixture.inFile(path).build();
    FieldCipher cipher = fixture.cipher(keyring);
    assertThat(reserved()).isZero();
    cipher.encrypt("x", WHERE);
    assertThat(reserved()).isEqualTo(KeyringFixture.LEASE);
    cipher.encrypt("x", WHERE);
    assertThat(reserved()).isEqualTo(KeyringFixture.LEASE);
    // As a crash would: nothing is given back, and the next process takes a lease of its own.
    Keyring next = fixture.inFile(path).build();
    fixture.cipher(next).encrypt("x", WHERE);
    assertThat(reserved()).isEqualTo(2 * KeyringFixture.LEASE);
    next.close();
    assertThat(reserved()).isEqualTo(KeyringFixture.LEASE + 1);
  }

  @Test
  void close_always_endsChangesAndLeavesTheCallersPassword() throws IOException {
    char[] password = KeyringFixture.PASSWORD.clone();
    Keyring keyring = fixture.inFile(path).file(path, password).build();
    keyring.close();
    keyring.close();
    assertThat(password).isEqualTo(KeyringFixture.PASSWORD);
    byte[] bytes = Files.readAllBytes(path);
    assertThatThrownBy(keyring::rotate).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(keyring::refresh).isInstanceOf(IllegalStateException.class);
    assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
  }

  @Test
  void newerFileVersion_always_asksForAnUpdate() throws IOException {
    fixture.inFile(path).build().close();
    byte[] bytes = Files.readAllBytes(path);
    bytes[4] = 3;
    Files.write(path, bytes);
    assertReason(Reason.UNSUPPORTED, () -> fixture.inFile(path).build())
        .hasMessageContaining("file version 1 or 2 but has 3");
  }

  @Test
  void build_goldenFile_opensWithTheDefaultIterations() throws IOException {
    Files.write(path, Fixtures.golden("keyring.pckf"));
    Keyring keyring =
        Keyring.named("golden")
            .file(path, "perfkit golden".toCharArray())
            .timeSource(fixture.time)
            .scheduler(fixture.scheduler)
            .build();
    assertThat(keyring.keys())
        .containsExactly(
            new KeyringKey(
                (int) 3199049027L,
                1,
                KeyState.DISABLED,
                Instant.parse("2026-01-01T00:00:00Z"),
                Instant.parse("2026-01-01T00:00:03Z"),
                0),
            new KeyringKey(
                1352806839,
                2,
                KeyState.PRIMARY,
                Instant.parse("2026-01-01T00:00:01Z"),
                Instant.parse("2026-01-01T00:00:02Z"),
                1L << 24));
    assertThat(keyring.core().generation()).isEqualTo(7);
  }

  private long reserved() {
    try {
      var opened =
          KeyringFixture.FORMAT.open("f", Files.readAllBytes(path), KeyringFixture.PASSWORD);
      Ring ring = RingFormat.read("f", opened.payload());
      Arrays.fill(opened.payload(), (byte) 0);
      return ring.primary().reserved();
    } catch (IOException | java.security.GeneralSecurityException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertReason(
      Reason reason, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            KeysetException.class,
            failure -> assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason));
  }
}
