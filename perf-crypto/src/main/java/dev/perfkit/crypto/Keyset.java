package dev.perfkit.crypto;

import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.spi.Beta;
import java.security.GeneralSecurityException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The keys of a {@link FieldCipher}: the primary one encrypts, all enabled ones decrypt. It is a
 * Tink keyset of {@code AES256_GCM} keys with Tink's prefix, and nothing else.
 *
 * <p>To replace the primary key in several processes, give all of them {@link #withNewKey} first,
 * and {@link #withPrimary} only when each one has it; a process without the key could not read what
 * the others write. Keep old keys until nothing is encrypted under them.
 *
 * <p>Immutable. Holds key material in Tink's types, which cannot be erased: let go of it when the
 * ciphers are built.
 */
@Beta
public final class Keyset {

  static {
    InsecureKeyAccess.registerKeyTypes();
  }

  private final KeysetHandle handle;

  private Keyset(KeysetHandle handle) {
    this.handle = handle;
  }

  /**
   * Returns a keyset of one fresh random key. It exists in memory only: without {@link KeysetFile},
   * or another place that keeps it, what is encrypted under it is lost with the process.
   */
  public static Keyset generate() {
    return built(KeysetHandle.newBuilder().addEntry(freshKey().makePrimary()));
  }

  /**
   * Returns the keyset of a Tink handle.
   *
   * @throws KeysetException ({@code UNSUPPORTED}) if it holds a key that is not {@code AES256_GCM}
   *     with Tink's prefix (a {@code RAW} key would need trial decryption), or two keys of one id
   */
  public static Keyset of(KeysetHandle handle) {
    Objects.requireNonNull(handle, "handle");
    Set<Integer> ids = new HashSet<>();
    for (KeysetHandle.Entry entry : readableEntries(handle)) {
      requireSupported(entry);
      if (!ids.add(entry.getId())) {
        throw new KeysetException(
            Reason.UNSUPPORTED,
            "keyset must have one key for each id but has two of id " + idText(entry.getId()));
      }
    }
    return new Keyset(handle);
  }

  /** Returns this keyset with a fresh random key that decrypts but does not encrypt yet. */
  public Keyset withNewKey() {
    return built(KeysetHandle.newBuilder(handle).addEntry(freshKey()));
  }

  /**
   * Returns this keyset with another key as the primary one.
   *
   * @throws IllegalArgumentException if there is no enabled key of that id
   */
  public Keyset withPrimary(int keyId) {
    KeysetHandle.Builder builder = KeysetHandle.newBuilder(handle);
    for (int i = 0; i < handle.size(); i++) {
      if (handle.getAt(i).getId() == keyId && handle.getAt(i).getStatus() == KeyStatus.ENABLED) {
        builder.getAt(i).makePrimary();
        return built(builder);
      }
    }
    throw new IllegalArgumentException(
        "primary must be an enabled key of the keyset but was " + idText(keyId));
  }

  /** Returns the id of the key that encrypts. */
  public int primaryKeyId() {
    return handle.getPrimary().getId();
  }

  /** Returns the ids of all keys, disabled ones too, in the order they were added. */
  public List<Integer> keyIds() {
    return entries(handle).stream().map(KeysetHandle.Entry::getId).toList();
  }

  /** Returns the keyset for use with Tink itself. */
  public KeysetHandle toTink() {
    return handle;
  }

  /** Returns the ids of the keys; never key material. */
  @Override
  public String toString() {
    return "Keyset[primary=" + idText(primaryKeyId()) + ", keys=" + handle.size() + "]";
  }

  /** Returns the enabled keys with a copy of their material, for one cipher. */
  List<FieldKey> openKeys(Engine engine) {
    return entries(handle).stream()
        .filter(entry -> entry.getStatus() == KeyStatus.ENABLED)
        .map(entry -> new FieldKey(entry.getId(), secretOf(entry), engine))
        .toList();
  }

  /** Returns the ids of the keys that must not be used. */
  Set<Integer> unusableKeyIds() {
    Set<Integer> ids = new HashSet<>();
    for (KeysetHandle.Entry entry : entries(handle)) {
      if (entry.getStatus() != KeyStatus.ENABLED) {
        ids.add(entry.getId());
      }
    }
    return ids;
  }

  /** Returns this keyset with a key in another state; the primary one stays enabled. */
  Keyset withStatus(int keyId, KeyStatus status) {
    KeysetHandle.Builder builder = KeysetHandle.newBuilder(handle);
    builder.getAt(indexOf(keyId)).setStatus(status);
    return built(builder);
  }

  /** Returns this keyset without a key, whose material is then lost. */
  Keyset without(int keyId) {
    return built(KeysetHandle.newBuilder(handle).deleteAt(indexOf(keyId)));
  }

  /** Returns this keyset with a key of another one, which is enabled and not the primary. */
  Keyset withKeyOf(Keyset other, int keyId) {
    KeysetHandle.Entry entry = other.handle.getAt(other.indexOf(keyId));
    return built(
        KeysetHandle.newBuilder(handle)
            .addEntry(KeysetHandle.importKey(entry.getKey()).withFixedId(keyId)));
  }

  /** Returns whether both have a key of this id, of the same material. */
  boolean sharesKey(Keyset other, int keyId) {
    return other.holds(handle.getAt(indexOf(keyId)));
  }

  private int indexOf(int keyId) {
    return keyIds().indexOf(keyId);
  }

  /** Returns whether every key of the other one is here with the same material. */
  boolean holdsAllOf(Keyset other) {
    return entries(other.handle).stream().allMatch(this::holds);
  }

  /** Returns a key id as Tink's own tools show it. */
  static String idText(int keyId) {
    return Integer.toUnsignedString(keyId);
  }

  private boolean holds(KeysetHandle.Entry wanted) {
    return entries(handle).stream()
        .anyMatch(
            entry -> entry.getId() == wanted.getId() && entry.getKey().equalsKey(wanted.getKey()));
  }

  private static byte[] secretOf(KeysetHandle.Entry entry) {
    return InsecureKeyAccess.bytesOf((AesGcmKey) entry.getKey());
  }

  private static List<KeysetHandle.Entry> entries(KeysetHandle handle) {
    return IntStream.range(0, handle.size()).mapToObj(handle::getAt).toList();
  }

  private static List<KeysetHandle.Entry> readableEntries(KeysetHandle handle) {
    try {
      return entries(handle);
    } catch (IllegalStateException unreadable) {
      throw new KeysetException(
          Reason.UNSUPPORTED, "keyset holds an entry that Tink does not read", unreadable);
    }
  }

  private static KeysetHandle.Builder.Entry freshKey() {
    return KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
        .withRandomId();
  }

  private static Keyset built(KeysetHandle.Builder builder) {
    try {
      return of(builder.build());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("Tink did not build the keyset", impossible);
    }
  }

  private static void requireSupported(KeysetHandle.Entry entry) {
    Key key = entry.getKey();
    if (!PredefinedAeadParameters.AES256_GCM.equals(key.getParameters())) {
      throw new KeysetException(
          Reason.UNSUPPORTED,
          "keyset must hold AES256_GCM keys with Tink's prefix only, but key "
              + idText(entry.getId())
              + " is "
              + key.getParameters()
              + "; make a new key from the template AES256_GCM");
    }
  }
}
