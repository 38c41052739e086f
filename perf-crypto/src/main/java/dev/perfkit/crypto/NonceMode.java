package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;

/** Where the nonces of a {@link FieldCipher} come from. */
@Beta
public enum NonceMode {
  /**
   * A DRBG of the JDK, seeded by the operating system and mixed with fresh bytes of it, which draws
   * up to 256 nonces ahead. They are dropped after a second, and by {@link FieldCipher#reseed}.
   */
  BATCHED_DRBG,
  /**
   * The operating system, read for each message, with nothing drawn ahead: for processes that may
   * be copied without their knowing it, such as virtual machines that are snapshotted while they
   * run. Costs some microseconds a message. Only as good as the kernel that is copied with them:
   * the hypervisor must reseed it.
   */
  OS_PER_MESSAGE
}
