package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import java.time.Instant;
import java.util.Objects;

/**
 * A key of a {@link Keyring}, without its material.
 *
 * @param id what its ciphertexts name
 * @param version 1 for the first key, and one more for each that was added
 * @param state what it may do
 * @param created when it was added
 * @param since when it got its state
 * @param messages how many messages in the {@code TINK} format are counted for it, over all
 *     processes, those counted ahead included; as of the last time this process asked
 */
@Beta
public record KeyringKey(
    int id, int version, KeyState state, Instant created, Instant since, long messages) {

  /** Refuses nulls. */
  public KeyringKey {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(created, "created");
    Objects.requireNonNull(since, "since");
  }

  /** Returns the key's id as Tink's tools show it, and the rest. */
  @Override
  public String toString() {
    return "KeyringKey["
        + Integer.toUnsignedString(id)
        + ", version "
        + version
        + ", "
        + state
        + " since "
        + since
        + ", messages="
        + messages
        + "]";
  }
}
