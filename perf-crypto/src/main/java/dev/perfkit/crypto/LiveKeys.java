package dev.perfkit.crypto;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a cipher as they are now: of a fixed keyset, or of a keyring that changes them. A
 * change puts a whole new table in the place of the old one, which stays usable for the operations
 * that began with it and is erased a minute later.
 */
final class LiveKeys {

  private final @Nullable Keyring keyring;
  private final Consumer<Ring> follower;
  private volatile @Nullable KeyTable table;
  private volatile boolean destroyed;

  /** Makes a table of a ring. */
  interface Tables {
    KeyTable of(Ring ring, MessageBudget budget);
  }

  private LiveKeys(KeyTable fixed) {
    keyring = null;
    follower = ring -> {};
    table = fixed;
  }

  private LiveKeys(Keyring keyring, Tables tables) {
    this.keyring = keyring;
    this.follower = ring -> replace(keyring, tables.of(ring, keyring.budget(ring.primary().id())));
    keyring.core().follow(follower);
  }

  static LiveKeys of(Keyset keyset, Function<Keyset, KeyTable> tables) {
    return new LiveKeys(tables.apply(keyset));
  }

  static LiveKeys of(Keyring keyring, Tables tables) {
    return new LiveKeys(keyring, tables);
  }

  /** Returns the keys of this moment: for one operation, which must not mix two tables. */
  KeyTable current() {
    return Objects.requireNonNull(table);
  }

  FieldKey primary() {
    return current().primary();
  }

  /** Returns the key that may decrypt what names this id. */
  FieldKey decryptingKey(String subject, int id) {
    KeyTable now = current();
    Keyring from = keyring;
    if (from != null && !now.knows(id)) {
      from.core().refreshForUnknownKey();
      now = current();
    }
    return now.decryptingKey(subject, id);
  }

  /** Returns how many keys there are, disabled ones too. */
  int size() {
    return current().size();
  }

  /** Forgets randomness that a copy of the process would share. */
  void renew() {
    current().renew();
  }

  void destroy() {
    Keyring from = keyring;
    if (from != null) {
      from.core().unfollow(follower);
    }
    destroyed = true;
    current().destroy();
  }

  private void replace(Keyring from, KeyTable next) {
    KeyTable old = table;
    table = next;
    if (destroyed) {
      next.destroy();
    }
    if (old != null) {
      from.afterOperationsEnd(old::destroy);
    }
  }
}
