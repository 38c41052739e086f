package dev.perfkit.crypto;

import dev.perfkit.crypto.cluster.Coordination;
import dev.perfkit.crypto.kms.KeyManagement;
import dev.perfkit.crypto.kms.TinkKeyManagement;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;

/** Keyrings of a test's cluster: one clock, one store, any number of nodes. */
final class KeyringFixture {

  static final int WEAK = 1_000;
  static final KeysetFileFormat FORMAT = new KeysetFileFormat(WEAK, WEAK);
  static final char[] PASSWORD = "correct horse".toCharArray();
  static final long LEASE = 1L << 24;

  final FakeTimeSource time = FakeTimeSource.create();
  final FakeScheduler scheduler = FakeScheduler.on(time);
  final FaultyCoordination store = new FaultyCoordination(Coordination.inMemory(time));
  final RecordingEvents events = RecordingEvents.create();
  final RecordingTelemetry telemetry = RecordingTelemetry.create();
  final KeyManagement kms = kms(Keyset.generate());

  KeyringBuilder node(String node) {
    return node(node, store);
  }

  KeyringBuilder node(String node, Coordination coordination) {
    return common(Keyring.named("pii").node(node))
        .coordination(coordination)
        .keyManagement(kms)
        .weakForTests(FORMAT, LEASE);
  }

  KeyringBuilder inFile(Path path) {
    return common(Keyring.named("pii")).file(path, PASSWORD).weakForTests(FORMAT, LEASE);
  }

  FieldCipher cipher(Keyring keyring) {
    return FieldCipher.named("users").keyring(keyring).scheduler(scheduler).build();
  }

  /** Lets every node do its upkeep so many times. */
  void ticks(int count) {
    for (int i = 0; i < count; i++) {
      time.advance(Keyring.DEFAULT_REFRESH_EVERY);
    }
  }

  void days(int count) {
    time.advance(Duration.ofDays(count));
  }

  RowsPerKey noRows() {
    return new RowsPerKey(Map.of(), java.time.Instant.ofEpochMilli(time.currentTimeMillis()));
  }

  private KeyringBuilder common(KeyringBuilder builder) {
    return builder.timeSource(time).scheduler(scheduler).events(events).telemetry(telemetry);
  }

  static KeyManagement kms(Keyset keyset) {
    try {
      return TinkKeyManagement.ofKeyset(keyset.toTink());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
