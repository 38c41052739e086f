package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * How many stored values name each key: what proves that a key may be destroyed. Whoever counts
 * must look at every table, topic, cache and file that holds ciphertexts of the keyring.
 *
 * @param rows by key id; an id that is missing was found nowhere
 * @param counted when the count began
 */
@Beta
public record RowsPerKey(Map<Integer, Long> rows, Instant counted) {

  /** Copies the map. */
  public RowsPerKey {
    rows = Map.copyOf(rows);
    Objects.requireNonNull(counted, "counted");
  }

  /** Returns how many values name a key. */
  public long of(int keyId) {
    return Objects.requireNonNull(rows.getOrDefault(keyId, 0L));
  }
}
