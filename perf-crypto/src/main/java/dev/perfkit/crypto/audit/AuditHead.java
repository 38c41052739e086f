package dev.perfkit.crypto.audit;

import dev.perfkit.spi.Beta;
import java.util.Objects;

/**
 * Where a log ended at some moment. Kept away from the node, it shows later that entries were cut
 * off.
 *
 * @param chain which log, 32 hexadecimal digits
 * @param sequence the number of the last entry
 * @param mac the authenticator of that entry, 64 hexadecimal digits; not secret
 */
@Beta
public record AuditHead(String chain, long sequence, String mac) {

  /** Refuses nulls. */
  public AuditHead {
    Objects.requireNonNull(chain, "chain");
    Objects.requireNonNull(mac, "mac");
  }
}
