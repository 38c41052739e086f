package dev.perfkit.crypto;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import java.security.GeneralSecurityException;

/**
 * The one place where key material leaves Tink's types: for the cipher, and for the file that
 * encrypts it. A review of who can see keys begins and ends with the callers of this class. Each
 * returned array is the caller's to wipe.
 */
final class InsecureKeyAccess {

  private InsecureKeyAccess() {}

  /** Teaches Tink to read and write AES-GCM keys; idempotent, and what every user of Tink calls. */
  static void registerKeyTypes() {
    try {
      AeadConfig.register();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("Tink did not register its AEAD keys", impossible);
    }
  }

  @AccessesPartialKey
  static byte[] bytesOf(AesGcmKey key) {
    return key.getKeyBytes().toByteArray(InsecureSecretKeyAccess.get());
  }

  static byte[] serialize(KeysetHandle keyset) throws GeneralSecurityException {
    return TinkProtoKeysetFormat.serializeKeyset(
        keyset, InsecureSecretKeyAccess.get(), RegistryConfiguration.get());
  }

  static KeysetHandle parse(byte[] serialized) throws GeneralSecurityException {
    return TinkProtoKeysetFormat.parseKeyset(
        serialized, InsecureSecretKeyAccess.get(), RegistryConfiguration.get());
  }
}
