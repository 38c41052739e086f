package dev.perfkit.crypto.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.KmsClient;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Proves that a wrapped key comes back from where it was wrapped, for its context only, and that a
 * service that refuses and one that is away are told apart.
 */
class KeyManagementTest {

  private static final byte[] KEY =
      "a key of thirty-two bytes, such!".getBytes(StandardCharsets.UTF_8);
  private static final byte[] CONTEXT = "keyring/pii".getBytes(StandardCharsets.UTF_8);
  private static final String URI = "fake-kms://eu/1";

  @Test
  void unwrap_sameKeyAndContext_givesTheKey() throws Exception {
    for (KeyManagement kms : all()) {
      byte[] wrapped = kms.wrap(KEY, CONTEXT);
      assertThat(kms.unwrap(wrapped, CONTEXT)).isEqualTo(KEY);
      assertThat(kms.wrap(KEY, CONTEXT)).isNotEqualTo(wrapped);
      assertThat(wrapped).hasSizeLessThan(KeyManagement.MAX_WRAPPED_BYTES);
    }
  }

  @Test
  void unwrap_otherContextKeyOrBytes_isRefused() throws Exception {
    for (KeyManagement kms : all()) {
      byte[] wrapped = kms.wrap(KEY, CONTEXT);
      assertRefused(() -> kms.unwrap(wrapped, "other".getBytes(StandardCharsets.UTF_8)));
      for (int i = 0; i < wrapped.length; i++) {
        byte[] changed = wrapped.clone();
        changed[i] ^= 1;
        assertRefused(() -> kms.unwrap(changed, CONTEXT));
        byte[] cut = Arrays.copyOf(wrapped, i);
        assertRefused(() -> kms.unwrap(cut, CONTEXT));
      }
    }
    byte[] foreign = all().get(0).wrap(KEY, CONTEXT);
    assertRefused(() -> all().get(0).unwrap(foreign, CONTEXT));
  }

  @Test
  void toString_always_namesThePlaceAndNoKey() throws Exception {
    assertThat(TinkKeyManagement.of(new FakeKms(aead()), URI))
        .hasToString("TinkKeyManagement[fake-kms://eu/1]");
    assertThat(local("K", base64(32))).hasToString("LocalKeyManagement[environment K]");
  }

  @Test
  void tink_clientForOtherKeys_isRefused() {
    assertThatThrownBy(() -> TinkKeyManagement.of(new FakeKms(aead()), "aws-kms://x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keyUri must be of a kind that the client supports");
  }

  @Test
  void tink_networkFailure_isAnIoException() throws Exception {
    TinkKeyManagement kms = TinkKeyManagement.of(new FakeKms(new Away()), URI);
    assertThatThrownBy(() -> kms.wrap(KEY, CONTEXT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is away");
    assertThatThrownBy(() -> kms.unwrap(KEY, CONTEXT)).isInstanceOf(IOException.class);
  }

  @Test
  void environment_missingOrWrong_saysHowWithoutTheValue() {
    for (String value : new String[] {"", "no-base64!", base64(16), base64(33)}) {
      assertThatThrownBy(() -> local("PII_KEY", value))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("environment variable PII_KEY must hold 32 bytes in base64")
          .hasNoCause()
          .satisfies(
              failure ->
                  assertThat(value.isEmpty() || !failure.toString().contains(value)).isTrue());
    }
    assertThatThrownBy(() -> LocalKeyManagement.ofEnvironment("PERFKIT_TEST_NOT_SET"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void environment_withALineEnd_isRead() throws Exception {
    String value = base64(32);
    byte[] wrapped = local("K", value).wrap(KEY, CONTEXT);
    assertThat(local("K", value + "\n").unwrap(wrapped, CONTEXT)).isEqualTo(KEY);
  }

  private static List<KeyManagement> all() throws GeneralSecurityException {
    return List.of(
        TinkKeyManagement.of(new FakeKms(aead()), URI),
        TinkKeyManagement.ofKeyset(keyset()),
        local("K", base64(32)));
  }

  private static LocalKeyManagement local(String variable, String value) {
    return LocalKeyManagement.ofEnvironment(variable, Map.of(variable, value)::get);
  }

  private static String base64(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 77);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static KeysetHandle keyset() throws GeneralSecurityException {
    AeadConfig.register();
    return KeysetHandle.newBuilder()
        .addEntry(
            KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                .withRandomId()
                .makePrimary())
        .build();
  }

  private static Aead aead() throws GeneralSecurityException {
    return keyset().getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(GeneralSecurityException.class);
  }

  /** A service in memory. */
  private record FakeKms(Aead aead) implements KmsClient {

    @Override
    public boolean doesSupport(String keyUri) {
      return keyUri.startsWith("fake-kms://");
    }

    @Override
    public KmsClient withCredentials(String credentialPath) {
      return this;
    }

    @Override
    public KmsClient withDefaultCredentials() {
      return this;
    }

    @Override
    public Aead getAead(String keyUri) {
      return aead;
    }
  }

  /** Fails as Tink's clients do when there is no network. */
  private static final class Away implements Aead {

    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) throws GeneralSecurityException {
      throw new GeneralSecurityException("encryption failed", new IOException("no route"));
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
        throws GeneralSecurityException {
      throw new GeneralSecurityException(
          "decryption failed", new IllegalStateException(new IOException("no route")));
    }
  }
}
