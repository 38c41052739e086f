package dev.perfkit.crypto;

import dev.perfkit.crypto.DecryptException.Reason;
import dev.perfkit.crypto.MessageBudget.SpentException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** The keys of one cipher by id. Immutable, but for {@link #destroy}. */
final class KeyTable {

  private final int[] ids;
  private final FieldKey[] keys;
  private final Set<Integer> unusable;
  private final FieldKey primary;
  private final MessageBudget budget;

  KeyTable(Keyset keyset, Engine engine) {
    this(keyset, engine, MessageBudget.ofProcess());
  }

  /** Holds the keys of a keyset, of which the primary one is counted in the budget. */
  KeyTable(Keyset keyset, Engine engine, MessageBudget budget) {
    keys =
        keyset.openKeys(engine).stream()
            .sorted(Comparator.comparingInt(FieldKey::id))
            .toArray(FieldKey[]::new);
    ids = Arrays.stream(keys).mapToInt(FieldKey::id).toArray();
    unusable = keyset.unusableKeyIds();
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
    if (unusable.contains(id)) {
      throw new DecryptException(
          Reason.DISABLED_KEY,
          subject
              + " cannot decrypt: key "
              + Keyset.idText(id)
              + " is disabled; enable it in the keyset and build the cipher again");
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
    return Arrays.binarySearch(ids, id) >= 0 || unusable.contains(id);
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
