package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import java.security.ProviderException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/**
 * Proves what a cipher tells its host: every operation and failure is counted, a flood of failures
 * is one event a minute, and a host whose telemetry or events fail loses nothing but them.
 */
class FieldCipherSignalsTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final RecordingEvents events = RecordingEvents.create();
  private final Keyset keyset = Keyset.generate();
  private final FieldCipher cipher = builder().build();
  private final byte[] tampered = tampered();

  @Test
  void telemetry_afterWork_hasCounts() {
    byte[] sealed = cipher.encrypt("12345", WHERE);
    cipher.encrypt(new byte[10], WHERE);
    cipher.decrypt(sealed, WHERE);
    failToDecrypt();
    assertThat(telemetry.count("crypto.encrypts", "cipher", "pii")).isEqualTo(2 + 1);
    assertThat(telemetry.count("crypto.encrypted_bytes", "cipher", "pii")).isEqualTo(15);
    assertThat(telemetry.count("crypto.decrypts", "cipher", "pii")).isEqualTo(1);
    assertThat(telemetry.count("crypto.decrypted_bytes", "cipher", "pii")).isEqualTo(5);
    assertThat(decryptFailures("not_authentic")).isEqualTo(1);
    assertThat(decryptFailures("truncated")).isZero();
    cipher.close();
  }

  @Test
  void events_manyFailures_areOneEventAMinute() {
    for (int i = 0; i < 1_000; i++) {
      failToDecrypt();
    }
    assertThat(events.events()).hasSize(1);
    Event first = events.events().get(0);
    assertThat(first.source()).isEqualTo("crypto/pii");
    assertThat(first.type()).isEqualTo("decrypt-failures");
    assertThat(first.severity()).isEqualTo(Event.Severity.WARNING);
    assertThat(first.details()).containsExactly(java.util.Map.entry("not_authentic", "1"));

    time.advance(Duration.ofSeconds(59));
    failToDecrypt();
    assertThat(events.events()).hasSize(1);

    time.advance(Duration.ofSeconds(2));
    assertThatThrownBy(() -> cipher.decrypt(new byte[] {1, 2, 3}, WHERE))
        .isInstanceOf(DecryptException.class);
    assertThat(events.events()).hasSize(2);
    assertThat(events.events().get(1).details())
        .containsEntry("not_authentic", "1000")
        .containsEntry("truncated", "1");

    failToDecrypt();
    cipher.close();
    assertThat(events.events()).hasSize(3);
    assertThat(events.events().get(2).details()).containsEntry("not_authentic", "1");
  }

  @Test
  void close_withoutFailures_sendsNoEvent() {
    cipher.close();
    assertThat(events.events()).isEmpty();
  }

  @Test
  void randomSource_failing_refusesToEncryptAndRecovers() {
    AtomicBoolean broken = new AtomicBoolean(true);
    FieldCipher fragile =
        builder()
            .randoms(
                () ->
                    new Randoms(
                        target -> {
                          if (broken.get()) {
                            throw new ProviderException("no entropy");
                          }
                          Randoms.fresh(target);
                        }))
            .build();
    assertThatThrownBy(() -> fragile.encrypt("x", WHERE))
        .isInstanceOfSatisfying(
            EncryptException.class,
            failure ->
                assertThat(failure.reason()).isEqualTo(EncryptException.Reason.RANDOM_SOURCE))
        .hasMessage("field cipher 'pii' cannot encrypt: the random source failed");
    assertThat(fragile.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(fragile.decryptToString(cipher.encrypt("y", WHERE), WHERE)).isEqualTo("y");
    assertThat(
            telemetry.count("crypto.encrypt_failures", "cipher", "pii", "reason", "random_source"))
        .isEqualTo(1);
    assertThat(events.events("encrypt-failures"))
        .singleElement()
        .satisfies(event -> assertThat(event.severity()).isEqualTo(Event.Severity.CRITICAL));

    broken.set(false);
    assertThat(cipher.decryptToString(fragile.encrypt("z", WHERE), WHERE)).isEqualTo("z");
    assertThat(fragile.health().status()).isEqualTo(Health.Status.UP);
    fragile.close();
  }

  @Test
  void hostCode_failing_neverReachesTheCaller() {
    FieldCipher bothered =
        builder()
            .telemetry(new FailingTelemetry())
            .events(
                event -> {
                  throw new IllegalStateException("sink");
                })
            .build();
    byte[] sealed = bothered.encrypt("x", WHERE);
    assertThat(bothered.decryptToString(sealed, WHERE)).isEqualTo("x");
    assertThatThrownBy(() -> bothered.decrypt(tampered, WHERE))
        .isInstanceOf(DecryptException.class);
    bothered.close();
  }

  private FieldCipher.Builder builder() {
    return FieldCipher.named("pii")
        .keyset(keyset)
        .telemetry(telemetry)
        .events(events)
        .timeSource(time);
  }

  private byte[] tampered() {
    byte[] sealed = cipher.encrypt("", WHERE);
    sealed[sealed.length - 1] ^= 1;
    return sealed;
  }

  private void failToDecrypt() {
    assertThatThrownBy(() -> cipher.decrypt(tampered, WHERE)).isInstanceOf(DecryptException.class);
  }

  private long decryptFailures(String reason) {
    return telemetry.count("crypto.decrypt_failures", "cipher", "pii", "reason", reason);
  }

  private static final class FailingTelemetry implements Telemetry {

    @Override
    public Counter counter(Metric metric) {
      return amount -> {
        throw new IllegalStateException("counter");
      };
    }

    @Override
    public Timer timer(Metric metric) {
      throw new IllegalStateException("timer");
    }

    @Override
    public Registration gauge(Metric metric, DoubleSupplier value) {
      throw new IllegalStateException("gauge");
    }
  }
}
