package dev.perfkit.pool;

import dev.perfkit.spi.Beta;
import java.util.Objects;

/**
 * What a server says it is.
 *
 * @param writable whether it accepts writes
 * @param cluster which cluster its data is of; empty if it does not say
 * @param timeline counts the promotions of its history: of two servers that accept writes, only the
 *     one with the higher timeline is written to; 0 if it does not say
 * @param incarnation which run of which server answered, so that two addresses of one server are
 *     not taken for two; empty if it does not say
 */
@Beta
public record ServerRole(boolean writable, String cluster, long timeline, String incarnation) {

  /**
   * Checks the fields.
   *
   * @throws NullPointerException if one is null
   */
  public ServerRole {
    Objects.requireNonNull(cluster, "cluster");
    Objects.requireNonNull(incarnation, "incarnation");
  }
}
