package dev.perfkit.crypto.kms;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.KmsClient;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Objects;

/**
 * A {@link KeyManagement} over Tink's {@code Aead}: of a {@code KmsClient} (AWS, Google Cloud,
 * Vault), or of a keyset that stands in for a service during development. The context is the
 * associated data.
 *
 * <p>A client reports a network failure as a {@link GeneralSecurityException} with an {@link
 * IOException} somewhere among its causes; that is told apart from a refusal here.
 */
@Beta
public final class TinkKeyManagement implements KeyManagement {

  private static final int MAX_CAUSES = 20;

  private final Aead aead;
  private final String label;

  private TinkKeyManagement(Aead aead, String label) {
    this.aead = aead;
    this.label = label;
  }

  /**
   * Returns the key of a service.
   *
   * @param keyUri such as {@code aws-kms://arn:aws:kms:...}
   * @throws GeneralSecurityException if the client does not know the key
   * @throws IllegalArgumentException if the client is not for such keys
   */
  public static TinkKeyManagement of(KmsClient client, String keyUri)
      throws GeneralSecurityException {
    Options.require(
        client.doesSupport(Options.notBlank("keyUri", keyUri)),
        "keyUri",
        "be of a kind that the client supports",
        "'" + keyUri + "'");
    return new TinkKeyManagement(client.getAead(keyUri), keyUri);
  }

  /**
   * Returns the primary key of a keyset, for development and tests: who has the keyset has every
   * key that is wrapped under it.
   *
   * @throws GeneralSecurityException if it is not a keyset of AEAD keys
   */
  public static TinkKeyManagement ofKeyset(KeysetHandle keyset) throws GeneralSecurityException {
    Objects.requireNonNull(keyset, "keyset");
    AeadConfig.register();
    Aead aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
    return new TinkKeyManagement(aead, "keyset");
  }

  @Override
  public byte[] wrap(byte[] key, byte[] context) throws GeneralSecurityException, IOException {
    try {
      return aead.encrypt(key, context);
    } catch (GeneralSecurityException failure) {
      throw known(failure);
    }
  }

  @Override
  public byte[] unwrap(byte[] wrapped, byte[] context)
      throws GeneralSecurityException, IOException {
    try {
      return aead.decrypt(wrapped, context);
    } catch (GeneralSecurityException failure) {
      throw known(failure);
    }
  }

  /** Returns which key it is. */
  @Override
  public String toString() {
    return "TinkKeyManagement[" + label + "]";
  }

  private GeneralSecurityException known(GeneralSecurityException failure) throws IOException {
    Throwable cause = failure.getCause();
    for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
      if (cause instanceof IOException) {
        throw new IOException("the key-management service of " + label + " is away", failure);
      }
      cause = cause.getCause();
    }
    return failure;
  }
}
