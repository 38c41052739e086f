package dev.perfkit.cache;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * The stored form of an entry, version 1. All numbers are big-endian.
 *
 * <pre>
 * 0      4  magic "PKCE"
 * 4      1  version, 1
 * 5      1  flags, 0
 * 6      1  id of the serializer
 * 7      1  n, the number of transforms, 0 to 8
 * 8      n  ids of the transforms, in the order they were applied
 * 8+n    8  created: when the load began, milliseconds since 1970-01-01T00:00Z
 * 16+n   8  expires: when the value stops being fresh, the same
 * 24+n   4  cost of the load in microseconds, unsigned, the largest number if it was more
 * 28+n   4  m, the length of the payload
 * 32+n   m  payload, and nothing after it
 * </pre>
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by its arrays
record Envelope(
    int serializer, byte[] transforms, long created, long expires, long costMicros, int payload) {

  static final int MAGIC = 0x504B4345;
  static final int VERSION = 1;
  static final int MAX_TRANSFORMS = 8;
  static final int FIXED_LENGTH = 32;

  private static final long MAX_COST = 0xFFFF_FFFFL;
  private static final int START_LENGTH = 8;

  static byte[] write(int serializer, byte[] transforms, Stamp stamp, long now, byte[] payload) {
    long expires = now + TimeUnit.NANOSECONDS.toMillis(stamp.freshNanos());
    long cost = Math.min(MAX_COST, TimeUnit.NANOSECONDS.toMicros(stamp.costNanos()));
    return ByteBuffer.allocate(FIXED_LENGTH + transforms.length + payload.length)
        .putInt(MAGIC)
        .put((byte) VERSION)
        .put((byte) 0)
        .put((byte) serializer)
        .put((byte) transforms.length)
        .put(transforms)
        .putLong(Math.min(stamp.createdMillis(), expires))
        .putLong(expires)
        .putInt((int) cost)
        .putInt(payload.length)
        .put(payload)
        .array();
  }

  /** Reads all but the payload, which begins at {@link #payload} and goes to the end. */
  static Envelope read(byte[] stored) throws CodingException {
    ByteBuffer in = ByteBuffer.wrap(stored);
    require(stored.length >= START_LENGTH && in.getInt() == MAGIC, Reason.NOT_AN_ENTRY);
    require(in.get() == VERSION, Reason.UNKNOWN_VERSION);
    require(in.get() == 0, Reason.MALFORMED);
    int serializer = in.get() & 0xFF;
    int count = in.get() & 0xFF;
    require(count <= MAX_TRANSFORMS && stored.length >= FIXED_LENGTH + count, Reason.MALFORMED);
    byte[] transforms = new byte[count];
    in.get(transforms);
    long created = in.getLong();
    long expires = in.getLong();
    long cost = in.getInt() & MAX_COST;
    require(created >= 0 && expires >= created, Reason.MALFORMED);
    require(in.getInt() == in.remaining(), Reason.MALFORMED);
    return new Envelope(serializer, transforms, created, expires, cost, in.position());
  }

  /**
   * Returns how long it is fresh from now on. Never longer than its writer gave it, whatever the
   * wall clocks of two machines say.
   */
  long freshNanos(long now) {
    long millis = Math.min(expires - now, expires - created);
    return Math.min(Lifetimes.LONGEST.toNanos(), TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private static void require(boolean holds, Reason otherwise) throws CodingException {
    if (!holds) {
      throw new CodingException(otherwise);
    }
  }
}
