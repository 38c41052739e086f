package dev.perfkit.crypto.cluster;

import dev.perfkit.spi.Beta;
import java.util.Objects;

/**
 * A process that is alive by its lease.
 *
 * @param name unique in its group
 * @param note what it said of itself
 */
@Beta
public record Member(String name, String note) {

  /** Refuses nulls. */
  public Member {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(note, "note");
  }
}
