package dev.perfkit.crypto.audit;

import dev.perfkit.spi.Beta;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * An entry of a log.
 *
 * @param sequence its number, from 1
 * @param time by the wall clock of the node
 * @param type a stable word, such as {@code key-promoted}
 * @param details in the order they were given; unmodifiable
 */
@Beta
public record AuditEntry(long sequence, Instant time, String type, Map<String, String> details) {

  /** Copies the map and keeps its order. */
  public AuditEntry {
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(type, "type");
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }
}
