package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.crypto.audit.AuditLog;
import dev.perfkit.crypto.audit.AuditReport;
import dev.perfkit.crypto.audit.AuditVerifier;
import dev.perfkit.crypto.cluster.Coordination;
import dev.perfkit.crypto.kms.KeyManagement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proves that the examples of the documents about keys do what they say. */
class KeysReadmeTest {

  private static final CipherContext EMAIL = CipherContext.ofTable("users").column("email");

  @Test
  void file_example_rotatesLive(@TempDir Path folder) {
    Path path = folder.resolve("pii.keyring");
    char[] password = "correct horse battery staple".toCharArray();
    // region: file
    Keyring keyring = Keyring.named("pii").file(path, password).build();
    FieldCipher cipher = FieldCipher.named("users").keyring(keyring).build();

    byte[] sealed = cipher.encrypt("ada@example.org", EMAIL.row(42));
    keyring.rotate(); // happens by itself every 90 days; old values stay readable
    String email = cipher.decryptToString(sealed, EMAIL.row(42));
    // endregion: file
    assertThat(email).isEqualTo("ada@example.org");
    assertThat(keyring.primary().version()).isEqualTo(2);
    cipher.close();
    keyring.close();
  }

  @Test
  void cluster_example_sharesKeysAndLogsWhatItDoes(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("audit.log");
    byte[] firstKey = AuditLog.newKey();
    Coordination store = Coordination.inMemory();
    KeyManagement kms = KeyringFixture.kms(Keyset.generate());
    // region: cluster
    AuditLog audit = AuditLog.named("node-1").file(path).firstKey(firstKey).build();
    Keyring keyring =
        Keyring.named("pii")
            .coordination(store) // JdbcCoordination.of(dataSource)
            .keyManagement(kms) // TinkKeyManagement.of(kmsClient, "aws-kms://...")
            .audit(audit)
            .build();
    FieldCipher cipher = FieldCipher.named("users").keyring(keyring).events(audit).build();
    // endregion: cluster
    keyring.rotate();
    cipher.close();
    keyring.close();
    audit.close();
    // region: verify
    AuditReport report = AuditVerifier.verify(path, firstKey, audit.head(), entry -> {});
    // endregion: verify
    assertThat(report.problems()).isEmpty();
    assertThat(report.entries()).isEqualTo(5);
  }

  @Test
  void envelope_example_keepsNoKeyset() {
    KeyManagement kms = KeyringFixture.kms(Keyset.generate());
    byte[] export = "a,b,c".getBytes(StandardCharsets.UTF_8);
    // region: envelope
    EnvelopeCipher exports = EnvelopeCipher.named("exports").keyManagement(kms).build();
    CipherContext where = CipherContext.ofPurpose("export").row("2026-11");
    byte[] sealed = exports.encrypt(export, where);
    byte[] opened = exports.decrypt(sealed, where);
    // endregion: envelope
    assertThat(opened).isEqualTo(export);
    exports.close();
  }
}
