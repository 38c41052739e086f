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

  GcmKey primary() {
    return table.primary();
  }

  /** Returns the key that may decrypt what names this id. */
  GcmKey decryptingKey(String subject, int id) {
    return table.decryptingKey(subject, id);
  }

  /** Returns how many keys there are, disabled ones too. */
  int size() {
    return table.size();
  }

  void destroy() {
    table.destroy();
  }
}
