package dev.perfkit.crypto;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/** What several suites need. */
final class Fixtures {

  static final CipherContext WHERE = CipherContext.ofTable("users").column("email").row("42");

  private Fixtures() {}

  static FieldCipher cipher(Keyset keyset) {
    return FieldCipher.named("pii").keyset(keyset).build();
  }

  /** Returns what keys share, on the JVM's clocks and a scheduler that is never advanced. */
  static Engine engine() {
    return engine(RandomBytes::system);
  }

  static Engine engine(Supplier<? extends RandomBytes> randoms) {
    ScheduledExecutorService idle = FakeScheduler.on(FakeTimeSource.create());
    NonceSource nonces =
        new NonceSource(NonceMode.BATCHED_DRBG, TimeSource.system(), () -> idle, randoms);
    return new Engine(
        "pii",
        CipherProvider.jdk(),
        CipherProvider.jdk(),
        nonces,
        () -> idle,
        EventSink.none(),
        TimeSource.system());
  }

  static Aead tink(Keyset keyset) throws GeneralSecurityException {
    return keyset.toTink().getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  static Keyset keysetOf(KeysetHandle.Builder builder) throws GeneralSecurityException {
    return Keyset.of(builder.build());
  }

  /** Returns the keyset with one key in another state. */
  static Keyset withStatus(Keyset keyset, int keyId, KeyStatus status)
      throws GeneralSecurityException {
    KeysetHandle.Builder builder = KeysetHandle.newBuilder(keyset.toTink());
    for (int i = 0; i < keyset.toTink().size(); i++) {
      if (keyset.toTink().getAt(i).getId() == keyId) {
        builder.getAt(i).setStatus(status);
      }
    }
    return keysetOf(builder);
  }

  /** Returns the public test keyset of the golden files. */
  static Keyset goldenKeyset() throws GeneralSecurityException {
    AeadConfig.register();
    String json = new String(golden("keyset.json"), StandardCharsets.UTF_8);
    return Keyset.of(
        TinkJsonProtoKeysetFormat.parseKeyset(
            json, RegistryConfiguration.get(), InsecureSecretKeyAccess.get()));
  }

  static byte[] golden(String name) {
    try (InputStream file = Fixtures.class.getResourceAsStream("/golden/crypto/" + name)) {
      return Objects.requireNonNull(file, name).readAllBytes();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
