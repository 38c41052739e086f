package dev.perfkit.crypto;

import dev.perfkit.crypto.NonceSource.NonceException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Our own format: {@code C1}, suite, key id, salt of the epoch, commitment, nonce, ciphertext, tag.
 *
 * <p>The salt and the key give a subkey that encrypts and a commitment that is public. Each process
 * draws a salt of its own, so that processes share no nonces, and draws another one before it has
 * encrypted 2^31 messages under the first. The commitment is a hash of the key: without it,
 * somebody who knows two keys can make one ciphertext that opens under both, to different
 * plaintexts.
 *
 * <p>A reader meets a salt for each epoch of each process that ever wrote. It keeps the subkeys it
 * used last, and only those that have opened a message, so that forged salts do not displace them.
 */
final class CommittedFormat implements KeyFormat {

  static final byte VERSION = (byte) 0xC1;
  static final int OVERHEAD = Subkey.HEADER_BYTES + GcmKey.OVERHEAD;
  static final long EPOCH_MESSAGES = 1L << 31;
  static final int CACHED_SUBKEYS = 512;

  private final int id;
  private final WipeableKey secret;
  private final Engine engine;
  private final long epochMessages;
  private final SubkeyCache subkeys;
  private final AtomicReference<@Nullable Epoch> current = new AtomicReference<>();

  CommittedFormat(int id, WipeableKey secret, Engine engine) {
    this(id, secret, engine, EPOCH_MESSAGES, CACHED_SUBKEYS);
  }

  CommittedFormat(
      int id, WipeableKey secret, Engine engine, long epochMessages, int cachedSubkeys) {
    this.id = id;
    this.secret = secret;
    this.engine = engine;
    this.epochMessages = epochMessages;
    this.subkeys = new SubkeyCache(cachedSubkeys);
  }

  @Override
  public void seal(
      byte[] input, int offset, int length, byte[] associatedData, byte[] target, int targetOffset)
      throws GeneralSecurityException, NonceException {
    int body = targetOffset + Subkey.HEADER_BYTES;
    while (true) {
      Subkey subkey = sealingSubkey();
      subkey.writeHeader(target, targetOffset);
      try {
        subkey.key().seal(input, offset, length, associatedData, target, body);
        return;
      } catch (IllegalStateException erased) {
        // The epoch may have ended, and its subkey left the cache, since we claimed a message.
        requireDropped(subkey, erased);
      }
    }
  }

  @Override
  public void open(
      byte[] sealed, int offset, int length, byte[] associatedData, byte[] target, int targetOffset)
      throws GeneralSecurityException {
    Subkey known = knownSubkey(sealed, offset);
    if (known != null) {
      try {
        open(known, sealed, offset, length, associatedData, target, targetOffset);
        return;
      } catch (IllegalStateException erased) {
        requireDropped(known, erased);
      }
    }
    Subkey derived = derive(Subkey.saltAt(sealed, offset));
    boolean opened = false;
    try {
      open(derived, sealed, offset, length, associatedData, target, targetOffset);
      opened = true;
    } finally {
      if (opened) {
        subkeys.add(derived);
      } else {
        derived.destroy();
      }
    }
    destroyIfLate();
  }

  /** Begins a new epoch with the next message. */
  @Override
  public void renew() {
    retire(current.getAndSet(null));
  }

  @Override
  public void destroy() {
    secret.destroy();
    Epoch last = current.getAndSet(null);
    if (last != null) {
      last.subkey().destroy();
    }
    subkeys.clear();
  }

  /** Returns how many subkeys wait for messages of others, for tests. */
  int cachedSubkeys() {
    return subkeys.size();
  }

  private void open(
      Subkey subkey,
      byte[] sealed,
      int offset,
      int length,
      byte[] associatedData,
      byte[] target,
      int targetOffset)
      throws GeneralSecurityException {
    if (!subkey.isCommittedTo(sealed, offset)) {
      throw new AEADBadTagException("commitment mismatch");
    }
    int body = offset + Subkey.HEADER_BYTES;
    subkey
        .key()
        .open(sealed, body, length - Subkey.HEADER_BYTES, associatedData, target, targetOffset);
  }

  /** Throws the failure unless the cache dropped the subkey while it was used. */
  private void requireDropped(Subkey subkey, IllegalStateException failure) {
    if (secret.isDestroyed() || !subkey.key().isDestroyed()) {
      throw failure;
    }
  }

  private Subkey sealingSubkey() throws GeneralSecurityException, NonceException {
    Epoch epoch = current.get();
    while (epoch == null || !epoch.claim()) {
      Epoch next = new Epoch(derive(freshSalt()), epochMessages);
      if (current.compareAndSet(epoch, next)) {
        retire(epoch);
        destroyIfLate();
      } else {
        next.subkey().destroy();
      }
      epoch = current.get();
    }
    return epoch.subkey();
  }

  /** Keeps the subkey of an epoch that ended: what it encrypted last will be read soon. */
  private void retire(@Nullable Epoch ended) {
    if (ended != null) {
      subkeys.add(ended.subkey());
      destroyIfLate();
    }
  }

  /** Erases what was derived while another thread destroyed the key. */
  private void destroyIfLate() {
    if (secret.isDestroyed()) {
      destroy();
    }
  }

  private @Nullable Subkey knownSubkey(byte[] sealed, int offset) {
    Epoch own = current.get();
    return own != null && own.subkey().hasSaltOf(sealed, offset)
        ? own.subkey()
        : subkeys.find(sealed, offset);
  }

  private Subkey derive(byte[] salt) throws GeneralSecurityException {
    byte[] bytes = secret.getEncoded();
    try {
      return Subkey.derive(bytes, id, salt, engine);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private byte[] freshSalt() throws NonceException {
    return Arrays.copyOf(engine.nonces().draw(2), Subkey.SALT_BYTES);
  }
}
