package dev.perfkit.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;

/** One key of a cipher, in every format that it writes and reads. */
final class FieldKey {

  private final int id;
  private final WipeableKey secret;
  private final TinkFormat tink;
  private final CommittedFormat committed;

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

  /** Returns a key for another use, which says nothing about this one; the caller's to wipe. */
  byte[] derive(String use, int size) throws GeneralSecurityException {
    byte[] bytes = secret.getEncoded();
    try {
      return Derivation.of(bytes, new byte[0], Derivation.info(use, id), size);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Forgets randomness that a copy of the process would share. */
  void renew() {
    committed.renew();
  }

  /** Erases the key and what was derived from it. Operations under way fail or end. */
  void destroy() {
    tink.destroy();
    committed.destroy();
  }
}
