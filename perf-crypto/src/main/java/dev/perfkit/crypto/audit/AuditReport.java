package dev.perfkit.crypto.audit;

import dev.perfkit.spi.Beta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found.
 *
 * @param entries how many entries are authentic
 * @param problems what is wrong, at most 100 of them; empty if the log is whole
 * @param head where the authentic part of the log ends; null if there is none
 */
@Beta
public record AuditReport(long entries, List<String> problems, @Nullable AuditHead head) {

  /** Copies the list. */
  public AuditReport {
    problems = List.copyOf(problems);
  }

  /** Returns whether nothing is wrong. */
  public boolean isIntact() {
    return problems.isEmpty();
  }
}
