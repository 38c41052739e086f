package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.crypto.tink.Aead;
import dev.perfkit.crypto.WrongProvider.Fault;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Proves that a provider which computes wrong results is found, before it is used or while it is,
 * and that the JDK takes its place without a caller noticing; and that the providers a host may ask
 * for work without being registered.
 */
class CipherProviderTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final RecordingEvents events = RecordingEvents.create();
  private final Keyset keyset = Keyset.generate();
  private final Provider[] registered = Security.getProviders();

  @AfterEach
  void nothingIsEverRegistered() {
    assertThat(Security.getProviders()).isEqualTo(registered);
    assertThat(scheduler.failures()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void build_providerWrongAtOnce_isExcludedBeforeItsFirstMessage(Fault fault) {
    WrongProvider wrong = new WrongProvider(fault, 0, length -> length == 20 || length == 60);
    FieldCipher cipher = cipher(CipherProvider.of(wrong));
    assertExcluded(cipher);
    int calls = wrong.calls.get();
    assertRight(cipher, 60);
    assertThat(wrong.calls).hasValue(calls);
    cipher.close();
  }

  @ParameterizedTest
  @EnumSource(names = "ACCEPTS_FORGERIES", mode = EnumSource.Mode.EXCLUDE)
  void sweep_providerWrongOnceCompiled_isExcludedLive(Fault fault) {
    // Right for the first 30,000 calls, then wrong for one length.
    WrongProvider wrong = new WrongProvider(fault, 30_000, length -> length == 4_711);
    CipherProvider provider = CipherProvider.of(wrong);
    FieldCipher cipher = cipher(provider);
    byte[] before = cipher.encrypt(new byte[4_711], WHERE);
    assertThat(cipher.health().status()).isEqualTo(Health.Status.UP);
    assertThat(cipher.health().details())
        .containsEntry("provider", "Wrong")
        .containsEntry("provider_check", "begun");
    time.advance(Duration.ofSeconds(10));
    assertExcluded(cipher);
    assertThat(provider.check().failure())
        .isEqualTo(
            fault == Fault.THROWS
                ? "failed where it must not: java.lang.IllegalStateException"
                : "wrong result for 4711 bytes");
    int calls = wrong.calls.get();
    assertThat(cipher.decrypt(before, WHERE)).isEqualTo(new byte[4_711]);
    assertRight(cipher, 4_711);
    assertThat(wrong.calls).hasValue(calls);
    FieldCipher later = cipher(provider);
    assertThat(later.health().status()).isEqualTo(Health.Status.DEGRADED);
    later.close();
    cipher.close();
  }

  @Test
  void sweep_rightProvider_callsEachPathOftenOverAllLengths() throws GeneralSecurityException {
    WrongProvider right = new WrongProvider(Fault.CIPHERTEXT, 0, length -> false);
    boolean[] swept = new boolean[ProviderCheck.MAX_LENGTH + 1];
    WrongProvider watching =
        new WrongProvider(
            Fault.CIPHERTEXT,
            2 * ProviderCheck.CALLS,
            length -> {
              if (length < swept.length) {
                swept[length] = true;
              }
              return false;
            });
    FieldCipher cipher = cipher(CipherProvider.of(watching));
    cipher.encrypt("x", WHERE);
    time.advance(Duration.ofSeconds(10));
    // Each length again after the code is compiled.
    assertThat(swept).doesNotContain(false);
    assertThat(cipher.health())
        .satisfies(health -> assertThat(health.status()).isEqualTo(Health.Status.UP));
    assertThat(cipher.health().details()).containsEntry("provider_check", "complete");
    assertThat(events.events()).isEmpty();
    int calls = watching.calls.get();
    time.advance(Duration.ofSeconds(10));
    assertThat(watching.calls).hasValue(calls);
    cipher.close();
    CipherProvider fresh = CipherProvider.of(right);
    long begin = System.nanoTime();
    fresh.check().cold(fresh.load());
    // Half of it is for the lengths; the rest is for a slow machine's vectors.
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    assertThat(fresh.check().failure()).isEmpty();
  }

  @Test
  void sweep_cipherClosed_isTakenOverByAnother() {
    WrongProvider wrong = new WrongProvider(Fault.CIPHERTEXT, 30_000, length -> length == 4_711);
    CipherProvider provider = CipherProvider.of(wrong);
    FieldCipher first = cipher(provider);
    first.encrypt("x", WHERE);
    time.advance(Duration.ofMillis(20));
    assertThat(provider.check().isComplete()).isFalse();
    first.close();
    int calls = wrong.calls.get();
    time.advance(Duration.ofSeconds(10));
    assertThat(wrong.calls).hasValue(calls);
    FieldCipher second = cipher(provider);
    second.encrypt("x", WHERE);
    time.advance(Duration.ofSeconds(10));
    assertExcluded(second);
    second.close();
  }

  @Test
  void engine_everyProviderWrong_refusesWithATypedError() {
    CipherProvider wrong =
        CipherProvider.of(new WrongProvider(Fault.PLAINTEXT, 0, length -> length == 60));
    Engine engine =
        new Engine("pii", wrong, wrong, Fixtures.engine().nonces(), () -> scheduler, events, time);
    engine.start();
    assertThatThrownBy(() -> engine.create(0))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessage(
            "provider Wrong is excluded: wrong result for a published test vector; update the"
                + " JDK");
    Health health = engine.health(Health.up());
    assertThat(health.status()).isEqualTo(Health.Status.DOWN);
    assertThat(events.events("provider-excluded"))
        .singleElement()
        .satisfies(
            event -> assertThat(event.message()).contains("nothing is encrypted or decrypted"));
  }

  @Test
  void close_usedCiphers_areMadeToForgetTheirKeys() {
    WrongProvider spy = new WrongProvider(Fault.CIPHERTEXT, 0, length -> false);
    FieldCipher cipher = cipher(CipherProvider.of(spy));
    spy.knownKeys.clear();
    assertThat(cipher.decrypt(cipher.encrypt(new byte[3], WHERE), WHERE)).hasSize(3);
    byte[] forgotten = new byte[32];
    assertThat(spy.knownKeys.values())
        .hasSize(2)
        .allSatisfy(key -> assertThat(key).isNotEqualTo(forgotten));
    cipher.close();
    assertThat(spy.knownKeys.values())
        .hasSize(2)
        .allSatisfy(key -> assertThat(key).isEqualTo(forgotten));
  }

  @Test
  void build_providerNotThere_isRefusedWithTheCure() {
    CipherProvider empty = CipherProvider.of(new EmptyProvider());
    assertThat(empty.isAvailable()).isFalse();
    assertThatThrownBy(() -> cipher(empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("field cipher 'pii': provider must be available")
        .hasMessageContaining("CipherProvider.jdk()");
  }

  @Test
  void corretto_asked_computesWhatTinkReads() throws GeneralSecurityException {
    assertInteroperable(CipherProvider.corretto());
  }

  @Test
  void conscrypt_asked_computesWhatTinkReads() throws GeneralSecurityException {
    assertInteroperable(CipherProvider.conscrypt());
  }

  @Test
  void jdk_asked_isTheDefaultAndRight() throws GeneralSecurityException {
    assertInteroperable(CipherProvider.jdk());
    FieldCipher cipher = Fixtures.cipher(keyset);
    assertThat(cipher.health().details()).containsEntry("provider", "JDK");
    cipher.close();
  }

  private void assertInteroperable(CipherProvider provider) throws GeneralSecurityException {
    assumeTrue(provider.isAvailable(), () -> provider + " does not run here");
    FieldCipher cipher = cipher(provider);
    Aead tink = Fixtures.tink(keyset);
    byte[] clear = new byte[5_000];
    Arrays.fill(clear, (byte) 9);
    byte[] sealed = cipher.encrypt(clear, WHERE);
    assertThat(tink.decrypt(sealed, WHERE.toAssociatedData())).isEqualTo(clear);
    assertThat(cipher.decrypt(tink.encrypt(clear, WHERE.toAssociatedData()), WHERE))
        .isEqualTo(clear);
    sealed[100] ^= 1;
    assertThatThrownBy(() -> cipher.decrypt(sealed, WHERE))
        .isInstanceOfSatisfying(
            DecryptException.class,
            refused ->
                assertThat(refused.reason()).isEqualTo(DecryptException.Reason.NOT_AUTHENTIC));
    assertThat(cipher.health().details()).containsEntry("provider", provider.name());
    time.advance(Duration.ofSeconds(10));
    assertThat(cipher.health().status()).isEqualTo(Health.Status.UP);
    assertThat(provider.check().failure()).isEmpty();
    assertThat(events.events("provider-excluded")).isEmpty();
    cipher.close();
  }

  private void assertExcluded(FieldCipher cipher) {
    Health health = cipher.health();
    assertThat(health.status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(health.reason())
        .startsWith("provider Wrong is excluded: ")
        .endsWith("; JDK takes its place");
    assertThat(health.details()).containsEntry("provider", "JDK");
    assertThat(events.events("provider-excluded"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.severity()).isEqualTo(Event.Severity.CRITICAL);
              assertThat(event.source()).isEqualTo("crypto/pii");
              assertThat(event.details()).containsEntry("provider", "Wrong");
            });
  }

  private void assertRight(FieldCipher cipher, int length) {
    byte[] sealed = cipher.encrypt(new byte[length], WHERE);
    FieldCipher other = Fixtures.cipher(keyset);
    assertThat(other.decrypt(sealed, WHERE)).isEqualTo(new byte[length]);
    assertThat(cipher.decrypt(sealed, WHERE)).isEqualTo(new byte[length]);
    other.close();
  }

  private FieldCipher cipher(CipherProvider provider) {
    return FieldCipher.named("pii")
        .keyset(keyset)
        .provider(provider)
        .events(events)
        .timeSource(time)
        .scheduler(scheduler)
        .build();
  }

  private static final class EmptyProvider extends Provider {

    private static final long serialVersionUID = 1;

    EmptyProvider() {
      super("Empty", "1", "nothing, for tests");
    }
  }
}
