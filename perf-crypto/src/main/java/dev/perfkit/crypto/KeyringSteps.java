package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.crypto.audit.AuditLog;
import dev.perfkit.spi.Event.Severity;
import dev.perfkit.spi.TimeSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a keyring. Each is written to the audit log before it is taken, and again when it
 * was; and told to the host.
 */
final class KeyringSteps {

  private final String subject;
  private final KeyringCore core;
  private final @Nullable Membership membership;
  private final KeyringSignals signals;
  private final @Nullable AuditLog audit;
  private final TimeSource time;

  KeyringSteps(
      String name,
      KeyringCore core,
      @Nullable Membership membership,
      KeyringSignals signals,
      @Nullable AuditLog audit,
      TimeSource time) {
    this.subject = "keyring '" + name + "'";
    this.core = core;
    this.membership = membership;
    this.signals = signals;
    this.audit = audit;
    this.time = time;
  }

  Ring addKey(String reason) {
    return take("key-added", Severity.INFO, ring -> ring.withNewKey(now()), "reason", reason);
  }

  /** Adds a key if that primary one still encrypts and none is pending. */
  Ring replaceKey(int primaryId, String reason) {
    UnaryOperator<Ring> step =
        ring ->
            ring.pending().isPresent() || ring.primary().id() != primaryId
                ? ring
                : ring.withNewKey(now());
    return take("key-added", Severity.INFO, step, "reason", reason);
  }

  /** Promotes a pending key if every live process has it; returns whether it did. */
  boolean promoteIfEverywhere(int keyId) {
    if (!missing(keyId).isEmpty()) {
      return false;
    }
    UnaryOperator<Ring> step =
        ring ->
            ring.pending().filter(key -> key.id() == keyId).isPresent()
                ? ring.promoting(keyId, now())
                : ring;
    take("key-promoted", Severity.INFO, step);
    return core.ring().primary().id() == keyId;
  }

  void promote(int keyId) {
    List<String> missing = missing(keyId);
    if (!missing.isEmpty()) {
      throw new KeysetException(
          Reason.REFUSED,
          subject
              + ": key "
              + Keyset.idText(keyId)
              + " must be reported by every live process before it is promoted, but is not by "
              + missing
              + "; wait for their next refresh, or for the end of their lease if they are dead");
    }
    take("key-promoted", Severity.INFO, ring -> ring.promoting(keyId, now()));
  }

  void forcePromote(int keyId, String reason) {
    String unreported = String.join(" ", missing(keyId));
    take(
        "key-promotion-forced",
        Severity.WARNING,
        ring -> ring.promoting(keyId, now()),
        "reason",
        reason,
        "unreported_by",
        unreported);
  }

  void disable(int keyId) {
    take("key-disabled", Severity.INFO, ring -> ring.disabling(keyId, now()), id(keyId));
  }

  void enable(int keyId) {
    take("key-enabled", Severity.INFO, ring -> ring.enabling(keyId, now()), id(keyId));
  }

  void destroy(int keyId, RowsPerKey rows) {
    take("key-destroyed", Severity.WARNING, ring -> ring.destroying(keyId, rows, now()), id(keyId));
  }

  void minimumVersions(int encrypt, int decrypt) {
    take(
        "minimum-versions-set",
        Severity.INFO,
        ring -> ring.requiring(encrypt, decrypt),
        "encrypt",
        Integer.toString(encrypt),
        "decrypt",
        Integer.toString(decrypt));
  }

  void importKeys(Keyset keys) {
    take("keys-imported", Severity.INFO, ring -> ring.importing(keys, now()));
  }

  private Ring take(String what, Severity severity, UnaryOperator<Ring> step, String... details) {
    boolean[] tried = {false};
    Ring after =
        core.update(
            step,
            next -> {
              tried[0] = true;
              log(what, "about to", withPrimary(next, details));
            });
    if (tried[0]) {
      String[] all = withPrimary(after, details);
      logDone(what, all);
      signals.event(what, severity, subject + ": " + what, all);
      if (what.startsWith("key-promo")) {
        signals.rotations.increment();
      }
    }
    return after;
  }

  private void log(String what, String phase, String... details) {
    AuditLog to = audit;
    if (to == null) {
      return;
    }
    try {
      Map<String, String> all = new LinkedHashMap<>();
      all.put("source", subject);
      all.put("phase", phase);
      for (int i = 0; i + 1 < details.length; i += 2) {
        all.put(details[i], details[i + 1]);
      }
      to.append(what, all);
    } catch (IOException | IllegalStateException failure) {
      throw new KeysetException(
          Reason.AUDIT, subject + ": " + what + " could not be written to the audit log", failure);
    }
  }

  /** The step was taken and logged before, so a failure now must not look like one of the step. */
  private void logDone(String what, String... details) {
    try {
      log(what, "done", details);
    } catch (KeysetException failure) {
      signals.event("keyring-trouble", Severity.WARNING, String.valueOf(failure.getMessage()));
    }
  }

  private static String[] withPrimary(Ring ring, String... details) {
    String[] all = Arrays.copyOf(details, details.length + 4);
    all[details.length] = "primary_key";
    all[details.length + 1] = Keyset.idText(ring.primary().id());
    all[details.length + 2] = "pending_key";
    all[details.length + 3] = ring.pending().map(key -> Keyset.idText(key.id())).orElse("none");
    return all;
  }

  private List<String> missing(int keyId) {
    return membership == null ? List.of() : membership.without(keyId);
  }

  private static String[] id(int keyId) {
    return new String[] {"key", Keyset.idText(keyId)};
  }

  private long now() {
    return time.currentTimeMillis();
  }
}
