package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.audit.AuditEntry;
import dev.perfkit.crypto.audit.AuditLog;
import dev.perfkit.crypto.audit.AuditVerifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that every key operation and the failures of ciphers are in the audit log, that nothing is
 * done which could not be logged, and that no context value is in it.
 */
class KeyringAuditTest {

  private static final byte[] KEY = AuditLog.newKey();

  private final KeyringFixture cluster = new KeyringFixture();
  private final Path path;
  private final AuditLog audit;

  KeyringAuditTest(@TempDir Path folder) throws IOException {
    path = folder.resolve("audit.log");
    audit =
        AuditLog.named("node-1")
            .file(path)
            .firstKey(KEY)
            .timeSource(cluster.time)
            .scheduler(cluster.scheduler)
            .build();
  }

  @Test
  void operations_always_areLoggedBeforeAndAfter() throws IOException {
    Keyring keyring = cluster.node("a").audit(audit).build();
    int first = keyring.primary().id();
    keyring.rotate();
    keyring.forcePromote(first, "taken back");
    assertThat(entries().stream().map(KeyringAuditTest::line))
        .containsExactly(
            "begun",
            "key-added about to",
            "key-added done",
            "key-promoted about to",
            "key-promoted done",
            "key-promotion-forced about to",
            "key-promotion-forced done");
    assertThat(entries().get(5).details())
        .containsEntry("reason", "taken back")
        .containsEntry("primary_key", Keyset.idText(first));
  }

  @Test
  void decryptFailures_ofACipher_areAggregatedWithoutContextValues() throws IOException {
    Keyring keyring = cluster.node("a").build();
    FieldCipher cipher =
        FieldCipher.named("users")
            .keyring(keyring)
            .events(audit.andThen(cluster.events))
            .timeSource(cluster.time)
            .scheduler(cluster.scheduler)
            .build();
    byte[] sealed = cipher.encrypt("x", WHERE);
    sealed[sealed.length - 1] ^= 1;
    for (int i = 0; i < 500; i++) {
      assertThatThrownBy(() -> cipher.decrypt(sealed, CipherContext.ofTable("patients").row("42")))
          .isInstanceOf(DecryptException.class);
    }
    cipher.close();
    List<AuditEntry> failures =
        entries().stream().filter(entry -> entry.type().equals("decrypt-failures")).toList();
    assertThat(failures).hasSize(2);
    assertThat(failures.get(1).details()).containsEntry("not_authentic", "499");
    assertThat(failures.toString()).doesNotContain("patients");
    assertThat(cluster.events.events("decrypt-failures")).hasSize(2);
  }

  @Test
  void operation_thatCannotBeLogged_isNotDone() {
    Keyring keyring = cluster.node("a").audit(audit).build();
    int before = keyring.primary().id();
    audit.close();
    assertThatThrownBy(keyring::rotate)
        .isInstanceOfSatisfying(
            KeysetException.class,
            failure -> assertThat(failure.reason()).isEqualTo(KeysetException.Reason.AUDIT));
    assertThat(keyring.keys()).hasSize(1);
    assertThat(keyring.primary().id()).isEqualTo(before);
  }

  private List<AuditEntry> entries() throws IOException {
    List<AuditEntry> entries = new ArrayList<>();
    assertThat(AuditVerifier.verify(path, KEY, audit.head(), entries::add).problems()).isEmpty();
    return entries;
  }

  private static String line(AuditEntry entry) {
    String phase = entry.details().get("phase");
    return phase == null ? entry.type() : entry.type() + " " + phase;
  }
}
