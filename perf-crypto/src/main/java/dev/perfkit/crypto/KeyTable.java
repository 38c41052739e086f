package dev.perfkit.crypto;

import dev.perfkit.crypto.DecryptException.Reason;
import dev.perfkit.crypto.MessageBudget.SpentException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The keys of one cipher by id. Immutable, but for {@link #destroy}. */
final class KeyTable {

  private final int[] ids;
  private final FieldKey[] keys;
  private final Map<Integer, String> unusable;
  private final FieldKey primary;
  private final MessageBudget budget;

  KeyTable(Keyset keyset, Engine engine) {
    this(keyset, engine, MessageBudget.ofProcess(), disabled(keyset));
  }

  /**
   * Holds the keys of a keyset.
   *
   * @param budget counts the messages of the primary key
   * @param unusable the ids of keys that must not be used, and why
   */
  KeyTable(Keyset keyset, Engine engine, MessageBudget budget, Map<Integer, String> unusable) {
    keys =
        keyset.openKeys(engine).stream()
            .sorted(Comparator.comparingInt(FieldKey::id))
            .toArray(FieldKey[]::new);
    ids = Arrays.stream(keys).mapToInt(FieldKey::id).toArray();
    this.unusable = Map.copyOf(unusable);
    primary = keys[Arrays.binarySearch(ids, keyset.primaryKeyId())];
    this.budget = budget;
  }

  /** Counts one message of the primary key; to be called before it encrypts with a random nonce. */
  void spend() throws SpentException {
    budget.spend();
  }

  FieldKey primary() {
    return primary;
  }

  /** Returns the key that may decrypt what names this id. */
  FieldKey decryptingKey(String subject, int id) {
    int at = Arrays.binarySearch(ids, id);
    if (at >= 0) {
      return keys[at];
    }
    String why = unusable.get(id);
    if (why != null) {
      throw new DecryptException(
          Reason.DISABLED_KEY, subject + " cannot decrypt: key " + Keyset.idText(id) + why);
    }
    throw new DecryptException(
        Reason.UNKNOWN_KEY,
        subject
            + " cannot decrypt: key "
            + Keyset.idText(id)
            + " is not in its keyset of "
            + size()
            + "; was the value written under another keyset, or by a process with a newer one?");
  }

  /** Returns the keys that may decrypt, the primary one among them. */
  List<FieldKey> enabled() {
    return List.of(keys);
  }

  /** Returns whether there is a key of this id, even a disabled one. */
  boolean knows(int id) {
    return Arrays.binarySearch(ids, id) >= 0 || unusable.containsKey(id);
  }

  private static Map<Integer, String> disabled(Keyset keyset) {
    return keyset.unusableKeyIds().stream()
        .collect(
            Collectors.toMap(
                id -> id,
                id -> " is disabled; enable it in the keyset and build the cipher again"));
  }

  /** Returns how many keys there are, disabled ones too. */
  int size() {
    return keys.length + unusable.size();
  }

  /** Forgets randomness that a copy of the process would share. */
  void renew() {
    for (FieldKey key : keys) {
      key.renew();
    }
  }

  void destroy() {
    for (FieldKey key : keys) {
      key.destroy();
    }
  }
}
