package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.KeysetException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that a keyset file gives back what was written to who has the password, tells damage from
 * a wrong password, and is never half written, overwritten by mistake or readable by others.
 */
class KeysetFileTest {

  private static final int WEAK = 1_000;
  private static final char[] PASSWORD = "correct horse".toCharArray();

  private final Path folder;

  KeysetFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void read_afterCreate_givesTheSameKeys() {
    KeysetFile file = file("keys");
    Keyset keyset = Keyset.generate().withNewKey();
    file.create(keyset, PASSWORD);
    Keyset read = file.read(PASSWORD);
    assertThat(read.toTink().equalsKeyset(keyset.toTink())).isTrue();
    byte[] sealed = Fixtures.cipher(keyset).encrypt("x", WHERE);
    assertThat(Fixtures.cipher(read).decryptToString(sealed, WHERE)).isEqualTo("x");
  }

  @Test
  void create_always_leavesOneFileOfTheOwner() throws IOException {
    file("keys").create(Keyset.generate(), PASSWORD);
    assertThat(names()).containsExactlyInAnyOrder("keys", "keys.lock");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("keys"))))
        .isEqualTo("rw-------");
  }

  @Test
  void create_twice_keepsTheFirst() {
    KeysetFile file = file("keys");
    Keyset first = Keyset.generate();
    file.create(first, PASSWORD);
    assertReason(Reason.EXISTS, () -> file.create(Keyset.generate(), PASSWORD));
    assertThat(file.read(PASSWORD).primaryKeyId()).isEqualTo(first.primaryKeyId());
  }

  @Test
  void readOrCreate_calledAgain_givesTheSameKeyset() {
    Keyset first = file("keys").readOrCreate(PASSWORD);
    assertThat(file("keys").readOrCreate(PASSWORD).holdsAllOf(first)).isTrue();
    assertReason(Reason.WRONG_PASSWORD, () -> file("keys").readOrCreate("other".toCharArray()));
  }

  @Test
  void replace_withTheOldKeys_countsTheGeneration() {
    KeysetFile file = file("keys");
    Keyset first = file.readOrCreate(PASSWORD);
    assertThat(file.content(PASSWORD).generation()).isEqualTo(1);
    Keyset next = first.withNewKey();
    file.replace(next, PASSWORD);
    assertThat(file.content(PASSWORD).generation()).isEqualTo(2);
    assertThat(file.read(PASSWORD).holdsAllOf(next)).isTrue();
  }

  @Test
  void replace_thatWouldLoseAKeyOrHasAnotherPassword_changesNothing() throws IOException {
    KeysetFile file = file("keys");
    Keyset first = file.readOrCreate(PASSWORD);
    byte[] before = bytes("keys");
    assertReason(Reason.LOSES_KEYS, () -> file.replace(Keyset.generate(), PASSWORD));
    assertReason(
        Reason.WRONG_PASSWORD, () -> file.replace(first.withNewKey(), "other".toCharArray()));
    assertThat(bytes("keys")).isEqualTo(before);
  }

  @Test
  void write_always_hasFreshSaltAndNonce() throws IOException {
    Keyset keyset = Keyset.generate();
    file("a").create(keyset, PASSWORD);
    file("b").create(keyset, PASSWORD);
    assertThat(Arrays.copyOfRange(bytes("a"), 18, 50))
        .isNotEqualTo(Arrays.copyOfRange(bytes("b"), 18, 50));
    assertThat(Arrays.copyOfRange(bytes("a"), 50, 62))
        .isNotEqualTo(Arrays.copyOfRange(bytes("b"), 50, 62));
  }

  @Test
  void read_anyByteChangedOrCut_isNeverAKeyset() throws IOException {
    file("keys").create(Keyset.generate(), PASSWORD);
    byte[] good = bytes("keys");
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= 1;
      assertReason(i < 5 ? Reason.UNSUPPORTED : Reason.DAMAGED, () -> read(changed));
      byte[] cut = Arrays.copyOf(good, i);
      assertReason(i < 5 ? Reason.UNSUPPORTED : Reason.DAMAGED, () -> read(cut));
    }
    byte[] longer = Arrays.copyOf(good, good.length + 1);
    assertReason(Reason.DAMAGED, () -> read(longer));
  }

  @Test
  void read_headerChangedOnPurpose_isNotOpened() throws IOException {
    file("keys").create(Keyset.generate(), PASSWORD);
    // The generation, raised by somebody who mends the digest but has no password.
    byte[] forged = bytes("keys");
    forged[69] ^= 1;
    assertReason(Reason.WRONG_PASSWORD, () -> read(mended(forged)));
  }

  @Test
  void read_parametersBeyondTheirRange_doesNoWork() throws IOException {
    file("keys").create(Keyset.generate(), PASSWORD);
    for (int iterations : new int[] {WEAK - 1, 0, -1, KeysetFileFormat.MAX_ITERATIONS + 1}) {
      byte[] other = bytes("keys");
      ByteBuffer.wrap(other).putInt(6, iterations);
      assertReason(Reason.UNSUPPORTED, () -> read(mended(other)));
    }
    byte[] otherKdf = bytes("keys");
    otherKdf[5] = 2;
    assertReason(Reason.UNSUPPORTED, () -> read(mended(otherKdf)));
  }

  @Test
  void read_weakFileThroughThePublicDoor_isRefused() {
    file("keys").create(Keyset.generate(), PASSWORD);
    KeysetException failure =
        assertReason(
            Reason.UNSUPPORTED, () -> KeysetFile.at(folder.resolve("keys")).read(PASSWORD));
    assertThat(failure).hasMessageContaining("iterations must be between 1000000 and 10000000");
  }

  @Test
  void read_goldenFile_opensWithTheDefaultIterations() throws Exception {
    Path golden = folder.resolve("golden");
    Files.write(golden, Fixtures.golden("keyset.pckf"));
    KeysetFileFormat.Content content =
        KeysetFile.at(golden).content("perfkit golden".toCharArray());
    assertThat(content.generation()).isEqualTo(1);
    assertThat(content.keyset().toTink().equalsKeyset(Fixtures.goldenKeyset().toTink())).isTrue();
  }

  @Test
  void read_missingFileOrFolder_saysWhich() {
    KeysetException failure = assertReason(Reason.FILE, () -> file("none").read(PASSWORD));
    assertThat(failure).hasMessageContaining("none' does not exist");
    assertReason(Reason.FILE, () -> file("no/folder").create(Keyset.generate(), PASSWORD));
    assertReason(Reason.FILE, () -> file("no/folder").readOrCreate(PASSWORD));
  }

  @Test
  void read_hugeFile_isRefused() throws IOException {
    Files.write(folder.resolve("huge"), new byte[KeysetFileFormat.MAX_FILE_BYTES + 1]);
    assertReason(Reason.UNSUPPORTED, () -> file("huge").read(PASSWORD));
  }

  @Test
  void write_whileAnotherWrites_isBusy() throws IOException {
    KeysetFile file = file("keys");
    try (FileChannel other =
            FileChannel.open(
                folder.resolve("keys.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = other.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertReason(Reason.BUSY, () -> file.create(Keyset.generate(), PASSWORD));
    }
    file.create(Keyset.generate(), PASSWORD);
  }

  @Test
  void replace_failingInTheMiddle_leavesTheOldFileAndNoOther() throws IOException {
    AtomicFile file = new AtomicFile(folder.resolve("target"), "test file");
    Files.createDirectories(folder.resolve("target/not-empty"));
    assertThatThrownBy(() -> file.replace(new byte[] {1})).isInstanceOf(IOException.class);
    assertThat(names()).containsExactly("target");
    assertThat(folder.resolve("target/not-empty")).isDirectory();
  }

  @Test
  void password_emptyOrIllFormed_isRefused() {
    KeysetFile file = file("keys");
    for (char[] password : List.of(new char[0], new char[] {'\ud800'})) {
      assertThatThrownBy(() -> file.create(Keyset.generate(), password))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> file.read(password)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> file.readOrCreate(password))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> file.replace(Keyset.generate(), password))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void password_afterUse_isUnchanged() {
    char[] password = PASSWORD.clone();
    file("keys").readOrCreate(password);
    assertThat(password).isEqualTo(PASSWORD);
  }

  private KeysetFile file(String name) {
    return KeysetFile.atWithWeakIterationsForTests(folder.resolve(name), WEAK);
  }

  private byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(folder.resolve(name));
  }

  private Keyset read(byte[] bytes) throws IOException {
    Files.write(folder.resolve("changed"), bytes);
    return file("changed").read(PASSWORD);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** Returns a file whose digest is right for its other bytes. */
  private static byte[] mended(byte[] file) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(file, 0, file.length - 32);
      sha256.digest(file, file.length - 32, 32);
      return file;
    } catch (java.security.GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static KeysetException assertReason(Reason reason, ThrowingCallable call) {
    KeysetException[] caught = new KeysetException[1];
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            KeysetException.class,
            failure -> {
              assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
              caught[0] = failure;
            });
    return caught[0];
  }
}
