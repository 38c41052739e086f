package dev.perfkit.crypto;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.Telemetry.Counter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The counters of one cipher, resolved once. */
final class Meters {

  private final Counter encrypts;
  private final Counter decrypts;
  private final Counter encryptedBytes;
  private final Counter decryptedBytes;

  private final Map<EncryptException.Reason, Counter> encryptFailures;
  private final Map<DecryptException.Reason, Counter> decryptFailures;

  Meters(Telemetry telemetry, String name) {
    encrypts = counter(telemetry, name, "crypto.encrypts", "", "plaintexts encrypted");
    decrypts = counter(telemetry, name, "crypto.decrypts", "", "ciphertexts decrypted");
    encryptedBytes =
        counter(telemetry, name, "crypto.encrypted_bytes", "bytes", "plaintext encrypted");
    decryptedBytes =
        counter(telemetry, name, "crypto.decrypted_bytes", "bytes", "plaintext decrypted");
    encryptFailures =
        failures(telemetry, name, "crypto.encrypt_failures", EncryptException.Reason.class);
    decryptFailures =
        failures(telemetry, name, "crypto.decrypt_failures", DecryptException.Reason.class);
  }

  void encrypted(long bytes) {
    encrypts.increment();
    encryptedBytes.add(bytes);
  }

  void decrypted(long bytes) {
    decrypts.increment();
    decryptedBytes.add(bytes);
  }

  void failed(EncryptException.Reason reason) {
    Objects.requireNonNull(encryptFailures.get(reason)).increment();
  }

  void failed(DecryptException.Reason reason) {
    Objects.requireNonNull(decryptFailures.get(reason)).increment();
  }

  /** Returns the counter of what was read unencrypted from a column that is being migrated. */
  static Counter plaintextReads(Telemetry telemetry, String name, String column) {
    return telemetry.counter(
        Metric.named("crypto.plaintext_reads")
            .help("values that were read unencrypted during a migration")
            .tag("cipher", name)
            .tag("column", column));
  }

  private static Counter counter(
      Telemetry telemetry, String name, String metric, String unit, String help) {
    return telemetry.counter(Metric.named(metric).unit(unit).help(help).tag("cipher", name));
  }

  private static <R extends Enum<R>> Map<R, Counter> failures(
      Telemetry telemetry, String name, String metric, Class<R> reasons) {
    Metric common =
        Metric.named(metric).help("operations that ended in an exception").tag("cipher", name);
    Map<R, Counter> counters = new EnumMap<>(reasons);
    for (R reason : reasons.getEnumConstants()) {
      counters.put(reason, telemetry.counter(common.tag("reason", FailureReports.word(reason))));
    }
    return counters;
  }
}
