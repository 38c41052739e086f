package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The bytes of a {@link Ring}, which hold key material and are always encrypted themselves. */
final class RingFormat {

  private static final byte VERSION = 1;
  private static final int HEADER_BYTES = 1 + 4 + 4 + 2;
  private static final int KEY_BYTES = 4 + 4 + 1 + 8 + 8 + 8;

  /** States by their number in a file, from 1. New ones are added at the end. */
  private static final List<KeyState> STATES =
      List.of(
          KeyState.PENDING,
          KeyState.PRIMARY,
          KeyState.DECRYPT_ONLY,
          KeyState.DISABLED,
          KeyState.DESTROYED);

  private RingFormat() {}

  /** Returns the bytes, the caller's to wipe. */
  static byte[] write(Ring ring) {
    byte[] material = serialize(ring.material());
    ByteBuffer to =
        ByteBuffer.allocate(HEADER_BYTES + ring.keys().size() * KEY_BYTES + 4 + material.length);
    to.put(VERSION).putInt(ring.minEncrypt()).putInt(ring.minDecrypt());
    to.putShort((short) ring.keys().size());
    for (RingKey key : ring.keys()) {
      to.putInt(key.id()).putInt(key.version()).put((byte) (STATES.indexOf(key.state()) + 1));
      to.putLong(key.created()).putLong(key.since()).putLong(key.reserved());
    }
    to.putInt(material.length).put(material);
    Arrays.fill(material, (byte) 0);
    return to.array();
  }

  /**
   * Returns the ring.
   *
   * @param subject names where the bytes came from
   * @throws KeysetException ({@code UNSUPPORTED}) if they are not a ring
   */
  static Ring read(String subject, byte[] bytes) {
    try {
      return readUnchecked(subject, ByteBuffer.wrap(bytes));
    } catch (BufferUnderflowException | IllegalArgumentException | GeneralSecurityException bad) {
      throw new KeysetException(Reason.UNSUPPORTED, subject + " does not hold a keyring", bad);
    }
  }

  private static Ring readUnchecked(String subject, ByteBuffer from)
      throws GeneralSecurityException {
    byte version = from.get();
    if (version != VERSION) {
      throw new KeysetException(
          Reason.UNSUPPORTED,
          subject
              + " must hold a keyring of version 1 but has "
              + version
              + "; update perf-crypto");
    }
    int minEncrypt = from.getInt();
    int minDecrypt = from.getInt();
    int count = from.getShort();
    require(count > 0 && count <= Ring.MAX_KEYS, "count of keys");
    List<RingKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(readKey(from));
    }
    byte[] material = new byte[Math.max(0, Math.min(from.getInt(), from.remaining()))];
    from.get(material);
    require(!from.hasRemaining(), "length");
    try {
      Ring ring =
          new Ring(keys, Keyset.of(InsecureKeyAccess.parse(material)), minEncrypt, minDecrypt);
      requireConsistent(ring);
      return ring;
    } finally {
      Arrays.fill(material, (byte) 0);
    }
  }

  private static RingKey readKey(ByteBuffer from) {
    int id = from.getInt();
    int version = from.getInt();
    int state = from.get();
    require(state >= 1 && state <= STATES.size(), "state of a key");
    return new RingKey(
        id, version, STATES.get(state - 1), from.getLong(), from.getLong(), from.getLong());
  }

  private static void requireConsistent(Ring ring) {
    Set<Integer> ids = new HashSet<>();
    Set<Integer> disabled = new HashSet<>();
    int last = 0;
    for (RingKey key : ring.keys()) {
      require(key.version() > last && key.reserved() >= 0, "versions or counts");
      last = key.version();
      if (key.state() != KeyState.DESTROYED) {
        require(ids.add(key.id()), "ids");
      }
      if (key.state() == KeyState.DISABLED) {
        disabled.add(key.id());
      }
    }
    Keyset material = ring.material();
    require(ids.equals(Set.copyOf(material.keyIds())), "keys with material");
    require(disabled.equals(material.unusableKeyIds()), "disabled keys");
    long primaries = ring.keys().stream().filter(k -> k.state() == KeyState.PRIMARY).count();
    require(primaries == 1 && ring.primary().id() == material.primaryKeyId(), "primary key");
    require(
        ring.minDecrypt() >= 1
            && ring.minDecrypt() <= ring.minEncrypt()
            && ring.minEncrypt() <= ring.primary().version(),
        "minimum versions");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("the " + what + " of a keyring must be consistent");
    }
  }

  private static byte[] serialize(Keyset keyset) {
    try {
      return InsecureKeyAccess.serialize(keyset.toTink());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("Tink did not serialize a keyset", impossible);
    }
  }
}
