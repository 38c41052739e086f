package dev.perfkit.crypto;

import com.google.crypto.tink.KeyStatus;
import dev.perfkit.crypto.KeysetException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The state of a keyring at one moment, and the steps from one state to the next. Every step either
 * returns a ring that keeps the rules or throws {@code REFUSED}. Immutable.
 *
 * <p>The rules: there is exactly one primary key, enabled, of at least the minimum encrypt version;
 * versions and ids are never used twice; material is gone exactly for destroyed keys; the minimum
 * decrypt version is at most the minimum encrypt version.
 *
 * @param keys in the order of their versions, destroyed ones included
 * @param material of all keys that are not destroyed, as Tink holds it
 */
record Ring(List<RingKey> keys, Keyset material, int minEncrypt, int minDecrypt) {

  static final int MAX_KEYS = 1_000;
  static final Duration DISABLED_BEFORE_DESTROY = Duration.ofDays(30);
  static final Duration FRESH_COUNT = Duration.ofDays(1);

  Ring {
    keys = List.copyOf(keys);
  }

  /** Returns the ring of a keyset: its primary encrypts, the other enabled keys decrypt. */
  static Ring of(Keyset keyset, long now) {
    List<RingKey> keys = new ArrayList<>();
    for (int id : keyset.keyIds()) {
      KeyState state =
          id == keyset.primaryKeyId()
              ? KeyState.PRIMARY
              : keyset.unusableKeyIds().contains(id) ? KeyState.DISABLED : KeyState.DECRYPT_ONLY;
      keys.add(new RingKey(id, keys.size() + 1, state, now, now, 0));
    }
    return new Ring(keys, keyset, 1, 1);
  }

  RingKey primary() {
    return inState(KeyState.PRIMARY).orElseThrow();
  }

  Optional<RingKey> pending() {
    return inState(KeyState.PENDING);
  }

  Optional<RingKey> find(int id) {
    return keys.stream().filter(key -> key.id() == id).findFirst();
  }

  /** Adds a fresh key, which is pending. */
  Ring withNewKey(long now) {
    pending()
        .ifPresent(
            key -> {
              throw refused(key.text() + " is pending already; promote or disable it first");
            });
    requireRoom(1);
    Keyset next = material.withNewKey();
    int id = lastOf(next);
    while (find(id).isPresent()) {
      next = material.withNewKey();
      id = lastOf(next);
    }
    return adding(new RingKey(id, nextVersion(), KeyState.PENDING, now, now, 0), next);
  }

  /** Makes a key that decrypts the primary one. Who calls it knows that every process has it. */
  Ring promoting(int id, long now) {
    RingKey key = require(id);
    if (key.state() != KeyState.PENDING && key.state() != KeyState.DECRYPT_ONLY) {
      throw refused(key.text() + " must be pending or decrypt-only to be promoted" + is(key));
    }
    if (key.version() < minEncrypt) {
      throw refused(
          key.text()
              + " has version "
              + key.version()
              + ", under the minimum encrypt version "
              + minEncrypt);
    }
    RingKey old = primary();
    return with(old.in(KeyState.DECRYPT_ONLY, now))
        .with(key.in(KeyState.PRIMARY, now))
        .of(material.withPrimary(id));
  }

  Ring disabling(int id, long now) {
    RingKey key = require(id);
    if (key.state() == KeyState.PRIMARY) {
      throw refused(key.text() + " encrypts; promote another key first");
    }
    if (key.state() != KeyState.PENDING && key.state() != KeyState.DECRYPT_ONLY) {
      throw refused(key.text() + " must be pending or decrypt-only to be disabled" + is(key));
    }
    return with(key.in(KeyState.DISABLED, now)).of(material.withStatus(id, KeyStatus.DISABLED));
  }

  Ring enabling(int id, long now) {
    RingKey key = require(id);
    if (key.state() != KeyState.DISABLED) {
      throw refused(key.text() + " must be disabled to be enabled" + is(key));
    }
    return with(key.in(KeyState.DECRYPT_ONLY, now)).of(material.withStatus(id, KeyStatus.ENABLED));
  }

  Ring destroying(int id, RowsPerKey rows, long now) {
    RingKey key = require(id);
    if (key.state() == KeyState.PRIMARY) {
      throw refused(key.text() + " encrypts; promote another key, disable this one and wait");
    }
    Instant end = Instant.ofEpochMilli(key.since()).plus(DISABLED_BEFORE_DESTROY);
    if (key.state() != KeyState.DISABLED || now < end.toEpochMilli()) {
      throw refused(
          key.text()
              + " must be disabled for 30 days before it is destroyed"
              + is(key)
              + " since "
              + Instant.ofEpochMilli(key.since())
              + backups());
    }
    requireUnused(key, rows, now);
    return with(key.in(KeyState.DESTROYED, now)).of(material.without(id));
  }

  /** Sets the least versions that may encrypt and decrypt. */
  Ring requiring(int encrypt, int decrypt) {
    if (decrypt < 1 || decrypt > encrypt || encrypt > primary().version()) {
      throw refused(
          "minimum versions must be 1 <= decrypt <= encrypt <= the primary key's version "
              + primary().version()
              + " but were decrypt "
              + decrypt
              + " and encrypt "
              + encrypt);
    }
    return new Ring(keys, material, encrypt, decrypt);
  }

  /** Adds the keys of another keyset that are not here, for decryption. */
  Ring importing(Keyset other, long now) {
    Ring ring = this;
    for (int id : other.keyIds()) {
      Optional<RingKey> same = ring.find(id);
      if (same.isEmpty()) {
        ring.requireRoom(1);
        ring =
            ring.adding(
                new RingKey(id, ring.nextVersion(), KeyState.DECRYPT_ONLY, now, now, 0),
                ring.material.withKeyOf(other, id));
      } else if (same.get().state() == KeyState.DESTROYED || !other.sharesKey(material, id)) {
        throw new KeysetException(
            Reason.COLLISION,
            "key "
                + Keyset.idText(id)
                + " is another key here (its state is "
                + same.get().state()
                + "); its ciphertexts would name the wrong one. Re-encrypt with a key of a fresh"
                + " id before the import");
      }
    }
    return ring;
  }

  /** Counts messages of a key in the ring; a negative number gives back. */
  Ring reserving(int id, long messages) {
    return with(require(id).reserving(messages));
  }

  /** Returns the keys for a cipher: those below the minimum decrypt version are disabled. */
  Keyset cipherKeys() {
    Keyset usable = material;
    for (RingKey key : keys) {
      if (key.version() < minDecrypt && key.state() == KeyState.DECRYPT_ONLY) {
        usable = usable.withStatus(key.id(), KeyStatus.DISABLED);
      }
    }
    return usable;
  }

  /** Returns whether ciphers need not notice the step to another ring: only counts differ. */
  boolean servesAs(Ring next) {
    return minDecrypt == next.minDecrypt && statesById().equals(next.statesById());
  }

  private Map<Integer, KeyState> statesById() {
    return keys.stream().collect(Collectors.toMap(RingKey::id, RingKey::state));
  }

  /** Returns why keys must not be used, as the end of a sentence. */
  Map<Integer, String> unusable() {
    Map<Integer, String> why = new HashMap<>();
    for (RingKey key : keys) {
      if (key.state() == KeyState.DESTROYED) {
        why.put(key.id(), " was destroyed; what it encrypted is lost");
      } else if (key.state() == KeyState.DISABLED) {
        why.put(key.id(), " is disabled; enable it in the keyring");
      } else if (key.version() < minDecrypt) {
        why.put(
            key.id(),
            " has version " + key.version() + ", under the minimum decrypt version " + minDecrypt);
      }
    }
    return why;
  }

  private void requireUnused(RingKey key, RowsPerKey rows, long now) {
    long age = now - rows.counted().toEpochMilli();
    if (age > FRESH_COUNT.toMillis() || age < 0 || rows.counted().toEpochMilli() < key.since()) {
      throw refused(
          "rows must be counted within the last day, after "
              + key.text()
              + " was disabled, but were counted at "
              + rows.counted()
              + backups());
    }
    if (rows.of(key.id()) != 0) {
      throw refused(
          key.text() + " is named by " + rows.of(key.id()) + " rows; re-encrypt them" + backups());
    }
  }

  private static String backups() {
    return ". A count of rows does not see backups: values in them that name the key are lost with"
        + " it";
  }

  private Optional<RingKey> inState(KeyState state) {
    return keys.stream().filter(key -> key.state() == state).findFirst();
  }

  private RingKey require(int id) {
    return find(id)
        .orElseThrow(() -> refused("key " + Keyset.idText(id) + " is not in the keyring"));
  }

  private int nextVersion() {
    return keys.get(keys.size() - 1).version() + 1;
  }

  private void requireRoom(int more) {
    if (keys.size() + more > MAX_KEYS) {
      throw refused("a keyring has at most " + MAX_KEYS + " keys, destroyed ones included");
    }
  }

  private Ring adding(RingKey key, Keyset next) {
    List<RingKey> more = new ArrayList<>(keys);
    more.add(key);
    return new Ring(more, next, minEncrypt, minDecrypt);
  }

  private Ring with(RingKey changed) {
    List<RingKey> next =
        keys.stream().map(key -> key.id() == changed.id() ? changed : key).toList();
    return new Ring(next, material, minEncrypt, minDecrypt);
  }

  private Ring of(Keyset next) {
    return new Ring(keys, next, minEncrypt, minDecrypt);
  }

  private static int lastOf(Keyset keyset) {
    return keyset.keyIds().get(keyset.keyIds().size() - 1);
  }

  private static String is(RingKey key) {
    return " but is " + key.state();
  }

  private static KeysetException refused(String message) {
    return new KeysetException(Reason.REFUSED, message);
  }

  /** Returns the primary key's version and the number of keys, never material. */
  @Override
  public String toString() {
    return "Ring[" + keys.size() + " keys]";
  }
}
