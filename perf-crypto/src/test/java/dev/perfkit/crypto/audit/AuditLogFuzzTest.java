package dev.perfkit.crypto.audit;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Proves that a verifier ends on any bytes, and accepts no entry from who does not have the key.
 * Runs its seeds in every build; searches when {@code JAZZER_FUZZ=1}.
 */
class AuditLogFuzzTest {

  private static final byte[] KEY = AuditLog.newKey();

  @FuzzTest
  void verify_anyBytes_acceptsNothing(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("audit", ".log");
    try {
      Files.write(file, bytes);
      AuditReport report = AuditVerifier.verify(file, KEY);
      if (report.entries() > 0) {
        throw new AssertionError("a forged entry was accepted");
      }
    } catch (IOException notALog) {
      // As promised for a file that is none.
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
