package dev.perfkit.crypto;

import java.util.function.Function;

/** The keys of a cipher as they are now: of a fixed keyset, or of a keyring that changes them. */
final class LiveKeys {

  private volatile KeyTable table;

  private LiveKeys(KeyTable table) {
    this.table = table;
  }

  static LiveKeys of(Keyset keyset, Function<Keyset, KeyTable> tables) {
    return new LiveKeys(tables.apply(keyset));
  }

  /** Returns the keys of this moment: for one operation, which must not mix two tables. */
  KeyTable current() {
    return table;
  }

  FieldKey primary() {
    return table.primary();
  }

  /** Returns the key that may decrypt what names this id. */
  FieldKey decryptingKey(String subject, int id) {
    return table.decryptingKey(subject, id);
  }

  /** Returns how many keys there are, disabled ones too. */
  int size() {
    return table.size();
  }

  /** Forgets randomness that a copy of the process would share. */
  void renew() {
    table.renew();
  }

  void destroy() {
    table.destroy();
  }
}
