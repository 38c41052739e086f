package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proves that the examples of the README do what they say. */
class ReadmeTest {

  // region: context
  static final CipherContext EMAIL = CipherContext.ofTable("users").column("email");

  // endregion: context

  @Test
  void smallest_example_givesThePlaintextBack(@TempDir Path folder) {
    Path path = folder.resolve("pii.keyset");
    char[] password = "correct horse battery staple".toCharArray();
    // region: smallest
    Keyset keyset = KeysetFile.at(path).readOrCreate(password);
    FieldCipher cipher = FieldCipher.named("pii").keyset(keyset).build();

    byte[] sealed = cipher.encrypt("ada@example.org", EMAIL.row(42));
    String email = cipher.decryptToString(sealed, EMAIL.row(42));
    // endregion: smallest
    assertThat(email).isEqualTo("ada@example.org");
    cipher.close();
  }

  @Test
  void record_example_givesTheValuesBack() {
    FieldCipher cipher = Fixtures.cipher(Keyset.generate());
    // region: record
    CipherContext row = CipherContext.ofTable("users").row(42);
    FieldRecord secrets =
        FieldRecord.builder()
            .text("email", "ada@example.org")
            .date("born", LocalDate.of(1815, 12, 10))
            .build();
    byte[] sealed = cipher.encryptRecord(secrets, row);
    String email = cipher.decryptRecord(sealed, row).text("email").orElseThrow();
    // endregion: record
    assertThat(email).isEqualTo("ada@example.org");
  }

  @Test
  void migration_example_readsBoth() {
    Keyset keyset = Keyset.generate();
    Instant firstOfMay = Instant.parse("2100-05-01T00:00:00Z");
    // region: migration
    FieldCipher cipher =
        FieldCipher.named("pii").keyset(keyset).acceptPlaintext(EMAIL, firstOfMay).build();
    // endregion: migration
    byte[] clear = "ada@example.org".getBytes(StandardCharsets.UTF_8);
    byte[] sealed = cipher.encrypt("grace@example.org", EMAIL.row(43));
    assertThat(cipher.decryptToString(clear, EMAIL.row(42))).isEqualTo("ada@example.org");
    assertThat(cipher.decryptToString(sealed, EMAIL.row(43))).isEqualTo("grace@example.org");
  }

  @Test
  void rotation_example_readsOldAndNew() {
    Keyset keyset = Keyset.generate();
    // region: rotation
    Keyset first = keyset.withNewKey(); // roll this out to every process ...
    int newKey = first.keyIds().get(first.keyIds().size() - 1);
    Keyset second = first.withPrimary(newKey); // ... and then this
    // endregion: rotation
    byte[] old = Fixtures.cipher(keyset).encrypt("x", EMAIL);
    byte[] fresh = Fixtures.cipher(second).encrypt("y", EMAIL);
    assertThat(Fixtures.cipher(second).decryptToString(old, EMAIL)).isEqualTo("x");
    assertThat(Fixtures.cipher(first).decryptToString(fresh, EMAIL)).isEqualTo("y");
  }
}
