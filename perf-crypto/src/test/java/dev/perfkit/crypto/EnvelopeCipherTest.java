package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.kms.KeyManagement;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingTelemetry;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Proves that an envelope opens in its context only, that data keys live no longer than their
 * limits, and that the service is asked rarely, ahead of need, and by one thread at a time.
 */
class EnvelopeCipherTest {

  private static final byte[] CLEAR = {1, 2, 3};

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final CountingService service = new CountingService();

  @Test
  void decrypt_byAnotherProcess_givesThePlaintext() {
    byte[] sealed = cipher().build().encrypt(CLEAR, WHERE);
    EnvelopeCipher other = cipher().build();
    assertThat(other.decrypt(sealed, WHERE)).isEqualTo(CLEAR);
    assertThat(other.decrypt(other.encrypt(new byte[0], WHERE), WHERE)).isEmpty();
    assertThat(service.unwraps).hasValue(1);
  }

  @Test
  void decrypt_anyByteChangedOrCutOrElsewhere_isATypedError() {
    EnvelopeCipher cipher = cipher().build();
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> cipher.decrypt(changed, WHERE)).isInstanceOf(DecryptException.class);
      byte[] cut = Arrays.copyOf(sealed, i);
      assertThatThrownBy(() -> cipher.decrypt(cut, WHERE)).isInstanceOf(DecryptException.class);
    }
    assertReason(
        DecryptException.Reason.NOT_AUTHENTIC,
        cipher,
        sealed,
        CipherContext.ofTable("users").column("email").row("43"));
    EnvelopeCipher otherName =
        EnvelopeCipher.named("other").keyManagement(service).scheduler(scheduler).build();
    assertReason(DecryptException.Reason.UNKNOWN_KEY, otherName, sealed, WHERE);
    assertReason(DecryptException.Reason.UNKNOWN_FORMAT, cipher, new byte[100], WHERE);
  }

  @Test
  void encrypt_manyMessages_changesTheDataKeyAheadOfItsLimit() {
    EnvelopeCipher cipher = cipher().messagesPerDataKey(10).build();
    for (int i = 0; i < 8; i++) {
      cipher.encrypt(CLEAR, WHERE);
    }
    assertThat(service.wraps).hasValue(1);
    time.advance(Duration.ZERO);
    assertThat(service.wraps).hasValue(2);
    // Without the background's help the limit itself holds.
    for (int i = 0; i < 25; i++) {
      cipher.encrypt(CLEAR, WHERE);
    }
    assertThat(service.wraps).hasValue(4);
    assertThat(telemetry.count("crypto.data_keys.created", "cipher", "files")).isEqualTo(4);
    assertThat(telemetry.count("crypto.data_keys.hits")).isPositive();
    assertThat(telemetry.value("crypto.data_keys.cached")).isEqualTo(4);
    assertThat(telemetry.durations("crypto.data_keys.service_time")).hasSize(4);
  }

  @Test
  void encrypt_manyBytesOrAnHour_changesTheDataKey() {
    EnvelopeCipher cipher = cipher().bytesPerDataKey(ByteSize.ofBytes(100)).build();
    cipher.encrypt(new byte[60], WHERE);
    cipher.encrypt(new byte[60], WHERE);
    assertThat(service.wraps).hasValue(2);
    time.advance(Duration.ofMinutes(47));
    cipher.encrypt(CLEAR, WHERE);
    time.advance(Duration.ZERO);
    assertThat(service.wraps).hasValue(2);
    time.advance(Duration.ofMinutes(1));
    cipher.encrypt(CLEAR, WHERE);
    time.advance(Duration.ZERO);
    assertThat(service.wraps).hasValue(3);
    time.advance(Duration.ofHours(1));
    cipher.encrypt(CLEAR, WHERE);
    assertThat(service.wraps).hasValue(4);
    assertThatThrownBy(() -> cipher.encrypt(new byte[101], WHERE))
        .isInstanceOfSatisfying(
            EncryptException.class,
            failure -> assertThat(failure.reason()).isEqualTo(EncryptException.Reason.TOO_LARGE));
  }

  @Test
  void decrypt_afterAnHour_asksTheServiceAgain() {
    EnvelopeCipher cipher = cipher().build();
    byte[] sealed = cipher().build().encrypt(CLEAR, WHERE);
    cipher.decrypt(sealed, WHERE);
    cipher.decrypt(sealed, WHERE);
    assertThat(service.unwraps).hasValue(1);
    time.advance(Duration.ofHours(1));
    cipher.decrypt(sealed, WHERE);
    assertThat(service.unwraps).hasValue(2);
  }

  @Test
  void cache_overItsSize_forgetsTheOldest() {
    EnvelopeCipher writer = cipher().messagesPerDataKey(1).build();
    List<byte[]> sealed = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sealed.add(writer.encrypt(CLEAR, WHERE));
    }
    EnvelopeCipher reader = cipher().cachedDataKeys(3).build();
    sealed.forEach(value -> reader.decrypt(value, WHERE));
    assertThat(service.unwraps).hasValue(5);
    reader.decrypt(sealed.get(4), WHERE);
    assertThat(service.unwraps).hasValue(5);
    reader.decrypt(sealed.get(0), WHERE);
    assertThat(service.unwraps).hasValue(6);
  }

  @Test
  void service_away_stopsOnlyWhatNeedsIt() {
    EnvelopeCipher cipher = cipher().build();
    byte[] foreign = cipher().build().encrypt(CLEAR, WHERE);
    byte[] own = cipher.encrypt(CLEAR, WHERE);
    service.away = true;
    assertThat(cipher.decrypt(own, WHERE)).isEqualTo(CLEAR);
    cipher.encrypt(CLEAR, WHERE);
    assertReason(DecryptException.Reason.SERVICE_UNAVAILABLE, cipher, foreign, WHERE);
    assertThat(cipher.health().status()).isEqualTo(Health.Status.DEGRADED);
    time.advance(Duration.ofHours(1));
    assertThatThrownBy(() -> cipher.encrypt(CLEAR, WHERE))
        .isInstanceOfSatisfying(
            EncryptException.class,
            failure ->
                assertThat(failure.reason()).isEqualTo(EncryptException.Reason.STORE_UNAVAILABLE));
    service.away = false;
    assertThat(cipher.decrypt(foreign, WHERE)).isEqualTo(CLEAR);
    assertThat(cipher.health().status()).isEqualTo(Health.Status.UP);
    assertThat(telemetry.count("crypto.data_keys.failures")).isEqualTo(2);
  }

  @Test
  void manyThreads_oneMissingKey_askTheServiceOnce() throws Exception {
    byte[] sealed = cipher().build().encrypt(CLEAR, WHERE);
    EnvelopeCipher cipher = cipher().build();
    service.slow = new CountDownLatch(1);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Future<byte[]>> results = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      results.add(pool.submit(() -> cipher.decrypt(sealed, WHERE)));
    }
    service.slow.countDown();
    for (Future<byte[]> result : results) {
      assertThat(result.get()).isEqualTo(CLEAR);
    }
    pool.shutdown();
    assertThat(service.unwraps).hasValue(1);
  }

  @Test
  void close_always_erasesAndRefuses() {
    EnvelopeCipher cipher = cipher().build();
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    cipher.close();
    cipher.close();
    assertThatThrownBy(() -> cipher.encrypt(CLEAR, WHERE))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> cipher.decrypt(sealed, WHERE))
        .isInstanceOf(IllegalStateException.class);
    assertThat(cipher.health().status()).isEqualTo(Health.Status.DOWN);
    assertThat(cipher).hasToString("EnvelopeCipher[files, DOWN: closed]");
  }

  @Test
  void dataKey_lastUserGone_isErased() {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) 1);
    WipeableKey wipeable = new WipeableKey(secret);
    DataKey key = new DataKey(new GcmKey(wipeable, Fixtures.engine()), new byte[1], 0);
    assertThat(key.acquire()).isTrue();
    key.release();
    assertThat(secret).containsOnly(1);
    key.release();
    assertThat(secret).containsOnly(0);
    assertThat(key.acquire()).isFalse();
  }

  @Test
  void options_outOfRange_areRefused() {
    assertThatThrownBy(() -> cipher().messagesPerDataKey(100_001))
        .hasMessageContaining("messagesPerDataKey must be between 1 and 100000");
    assertThatThrownBy(() -> cipher().bytesPerDataKey(ByteSize.ofGibibytes(2)))
        .hasMessageContaining("bytesPerDataKey");
    assertThatThrownBy(() -> cipher().dataKeyAge(Duration.ofMinutes(61)))
        .hasMessageContaining("dataKeyAge must be at most PT1H");
    assertThatThrownBy(() -> cipher().cachedDataKeys(0)).hasMessageContaining("cachedDataKeys");
    assertThatThrownBy(() -> EnvelopeCipher.named("x").build())
        .hasMessageContaining("keyManagement must be given");
  }

  private EnvelopeCipher.Builder cipher() {
    return EnvelopeCipher.named("files")
        .keyManagement(service)
        .timeSource(time)
        .scheduler(scheduler)
        .telemetry(telemetry);
  }

  private static void assertReason(
      DecryptException.Reason reason, EnvelopeCipher cipher, byte[] sealed, CipherContext where) {
    assertThatThrownBy(() -> cipher.decrypt(sealed, where))
        .isInstanceOfSatisfying(
            DecryptException.class, failure -> assertThat(failure.reason()).isEqualTo(reason));
  }

  /** A service that counts, and can be away or slow. */
  private static final class CountingService implements KeyManagement {

    private final KeyManagement delegate = KeyringFixture.kms(Keyset.generate());
    final AtomicInteger wraps = new AtomicInteger();
    final AtomicInteger unwraps = new AtomicInteger();
    volatile boolean away;
    volatile CountDownLatch slow = new CountDownLatch(0);

    @Override
    public byte[] wrap(byte[] key, byte[] context) throws GeneralSecurityException, IOException {
      answer();
      wraps.incrementAndGet();
      return delegate.wrap(key, context);
    }

    @Override
    public byte[] unwrap(byte[] wrapped, byte[] context)
        throws GeneralSecurityException, IOException {
      answer();
      byte[] key = delegate.unwrap(wrapped, context);
      unwraps.incrementAndGet();
      return key;
    }

    private void answer() throws IOException {
      try {
        slow.await();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", interrupted);
      }
      if (away) {
        throw new IOException("no route");
      }
    }
  }
}
