package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.crypto.cluster.Coordination;
import dev.perfkit.crypto.cluster.StoredRecord;
import dev.perfkit.crypto.kms.KeyManagement;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * A keyring in a record of the coordination store, encrypted under a fresh key that key management
 * wraps. Name and version of the record are authenticated, so one record cannot stand in for
 * another.
 */
final class SharedRingStore implements RingStore {

  private static final byte VERSION = 1;
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private final Coordination coordination;
  private final KeyManagement keys;
  private final String record;
  private final String subject;
  private final SharedCounts counts;
  private final SecureRandom random = new SecureRandom();

  SharedRingStore(Coordination coordination, KeyManagement keys, String name, SharedCounts counts) {
    this.coordination = coordination;
    this.keys = keys;
    this.record = "keyring/" + name;
    this.subject = "keyring '" + name + "'";
    this.counts = counts;
  }

  @Override
  public boolean exists() {
    return stored().isPresent();
  }

  @Override
  public Optional<Stored> newerThan(long known) {
    StoredRecord stored =
        stored()
            .orElseThrow(
                () ->
                    new KeysetException(
                        known > 0 ? Reason.ROLLED_BACK : Reason.FILE,
                        subject + " is not in the coordination store; restore its record"));
    if (stored.version() < known) {
      throw new KeysetException(
          Reason.ROLLED_BACK,
          subject
              + " has version "
              + stored.version()
              + " in the coordination store but "
              + known
              + " was seen before; restore the newest record");
    }
    return stored.version() == known ? Optional.empty() : Optional.of(open(stored));
  }

  @Override
  public boolean save(Ring ring, long expected) {
    try {
      return coordination.compareAndSet(record, expected, seal(ring, expected + 1));
    } catch (IOException failure) {
      throw away(failure);
    }
  }

  @Override
  public long messages(int keyId) {
    return counts.messages(keyId);
  }

  @Override
  public long reserve(int keyId, long wanted, long most) {
    return counts.reserve(keyId, wanted, most);
  }

  private Optional<StoredRecord> stored() {
    try {
      return coordination.read(record);
    } catch (IOException failure) {
      throw away(failure);
    }
  }

  private byte[] seal(Ring ring, long version) throws IOException {
    byte[] key = random(KEY_BYTES);
    byte[] plain = RingFormat.write(ring);
    try {
      byte[] wrapped = keys.wrap(key, context());
      int header = 1 + 2 + wrapped.length + NONCE_BYTES;
      byte[] nonce = random(NONCE_BYTES);
      ByteBuffer to = ByteBuffer.allocate(header + plain.length + TAG_BYTES);
      to.put(VERSION).putShort((short) wrapped.length).put(wrapped).put(nonce);
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, to.array(), header, version);
      to.put(cipher.doFinal(plain));
      return to.array();
    } catch (GeneralSecurityException refused) {
      throw refused(refused);
    } finally {
      Arrays.fill(key, (byte) 0);
      Arrays.fill(plain, (byte) 0);
    }
  }

  private Stored open(StoredRecord stored) {
    try {
      return new Stored(open(stored.value(), stored.version()), stored.version());
    } catch (BufferUnderflowException | IllegalArgumentException damaged) {
      throw new KeysetException(
          Reason.DAMAGED, subject + " is damaged in the coordination store; restore its record");
    } catch (GeneralSecurityException refused) {
      throw refused(refused);
    } catch (IOException failure) {
      throw away(failure);
    }
  }

  private Ring open(byte[] bytes, long version) throws GeneralSecurityException, IOException {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    if (from.get() != VERSION) {
      throw new KeysetException(
          Reason.UNSUPPORTED, subject + " has an unknown record version; update perf-crypto");
    }
    byte[] wrapped = new byte[from.getShort() & 0xFFFF];
    byte[] nonce = new byte[NONCE_BYTES];
    from.get(wrapped).get(nonce);
    byte[] key = keys.unwrap(wrapped, context());
    byte[] plain = {};
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, bytes, from.position(), version);
      plain = cipher.doFinal(bytes, from.position(), from.remaining());
      return RingFormat.read(subject, plain);
    } finally {
      Arrays.fill(key, (byte) 0);
      Arrays.fill(plain, (byte) 0);
    }
  }

  private Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] bytes, int header, long version)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    WipeableKey secret = new WipeableKey(key.clone());
    cipher.init(mode, secret, new GCMParameterSpec(TAG_BYTES * 8, nonce));
    secret.destroy();
    cipher.updateAAD(bytes, 0, header);
    cipher.updateAAD(ByteBuffer.allocate(Long.BYTES).putLong(0, version));
    cipher.updateAAD(context());
    return cipher;
  }

  private byte[] context() {
    return ("perfkit " + record).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private KeysetException refused(GeneralSecurityException failure) {
    return new KeysetException(
        Reason.WRONG_PASSWORD,
        subject + " does not open: it is of another key-management key, or was tampered with",
        failure);
  }

  private KeysetException away(IOException failure) {
    return new KeysetException(
        Reason.UNAVAILABLE,
        subject + ": the coordination store or the key-management service is away",
        failure);
  }
}
