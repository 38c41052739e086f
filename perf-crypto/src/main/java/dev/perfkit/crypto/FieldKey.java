package dev.perfkit.crypto;

import com.google.crypto.tink.subtle.AesSiv;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One key of a cipher, in every format that it writes and reads. */
final class FieldKey {

  private static final int SIV_KEY_BYTES = 64;

  private final int id;
  private final WipeableKey secret;
  private final TinkFormat tink;
  private final CommittedFormat committed;

  /** Made when it is first needed; what it holds cannot be erased, only dropped. */
  private volatile @Nullable AesSiv siv;

  /** Takes the secret over. */
  FieldKey(int id, byte[] secret, Engine engine) {
    this.id = id;
    this.secret = new WipeableKey(secret);
    this.tink = new TinkFormat(id, new GcmKey(this.secret, engine));
    this.committed = new CommittedFormat(id, this.secret, engine);
  }

  int id() {
    return id;
  }

  KeyFormat in(Format format) {
    return format == Format.TINK ? tink : committed;
  }

  /** Returns a key for another suite, which says nothing about this one; the caller's to wipe. */
  byte[] derive(Suite suite, int size) throws GeneralSecurityException {
    byte[] bytes = secret.getEncoded();
    try {
      return Derivation.of(bytes, new byte[0], suite.info(id), size);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Returns the deterministic cipher of the key that is derived for it. */
  AesSiv siv() throws GeneralSecurityException {
    AesSiv made = siv;
    if (made == null) {
      byte[] derived = derive(Suite.DETERMINISTIC, SIV_KEY_BYTES);
      made = new AesSiv(derived);
      Arrays.fill(derived, (byte) 0);
      siv = made;
      if (secret.isDestroyed()) {
        siv = null;
      }
    }
    return made;
  }

  /** Forgets randomness that a copy of the process would share. */
  void renew() {
    committed.renew();
  }

  /** Erases the key and what was derived from it. Operations under way fail or end. */
  void destroy() {
    tink.destroy();
    committed.destroy();
    siv = null;
  }
}
