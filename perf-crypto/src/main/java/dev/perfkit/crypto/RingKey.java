package dev.perfkit.crypto;

/**
 * What a {@link Ring} knows of a key beside its material.
 *
 * @param created in epoch milliseconds
 * @param since when it got its state, in epoch milliseconds
 * @param reserved how many messages are counted in the ring itself
 */
record RingKey(int id, int version, KeyState state, long created, long since, long reserved) {

  RingKey in(KeyState next, long now) {
    return new RingKey(id, version, next, created, now, reserved);
  }

  RingKey reserving(long messages) {
    return new RingKey(
        id, version, state, created, since, Math.max(0, Math.addExact(reserved, messages)));
  }

  String text() {
    return "key " + Keyset.idText(id);
  }
}
