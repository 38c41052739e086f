package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.spi.Event.Severity;
import dev.perfkit.spi.TimeSource;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The steps of a keyring, each told to the host when it was taken. */
final class KeyringSteps {

  private final String subject;
  private final KeyringCore core;
  private final @Nullable Membership membership;
  private final KeyringSignals signals;
  private final TimeSource time;

  KeyringSteps(
      String name,
      KeyringCore core,
      @Nullable Membership membership,
      KeyringSignals signals,
      TimeSource time) {
    this.subject = "keyring '" + name + "'";
    this.core = core;
    this.membership = membership;
    this.signals = signals;
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
    boolean[] written = {false};
    Ring after =
        core.update(
            step,
            next -> {
              written[0] = true;
            });
    if (written[0]) {
      signals.event(what, severity, subject + ": " + what, withPrimary(after, details));
      if (what.startsWith("key-promo")) {
        signals.rotations.increment();
      }
    }
    return after;
  }

  private static String[] withPrimary(Ring ring, String... details) {
    String[] all = java.util.Arrays.copyOf(details, details.length + 4);
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
