package dev.perfkit.cache;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The stored form of an entry, version 1. All numbers are big-endian.
 *
 * <pre>
 *  0  4  magic "PKCE"
 *  4  1  version, 1
 *  5  1  flags: 1 if the source has no value; other bits 0
 *  6  1  id of the serializer
 *  7  1  n, the number of transforms, 0 to 8
 *  8 16  id of the value: the lease it was stored under
 * 24  8  genesis of the shard
 * 32  8  genesis of the clock
 * 40  8  time on the clock before its load began
 * 48  8  created: when the load began, milliseconds since 1970-01-01T00:00Z
 * 56  8  expires: when the value stops being fresh, the same
 * 64  8  ends: when it stops being a fallback, the same
 * 72  4  cost of the load in microseconds, unsigned, the largest number if it was more
 * 76  1  t, the number of tags, 0 to 64
 * 77  n  ids of the transforms, in the order they were applied
 *        each tag: its length in bytes (1), its UTF-8 form
 *     4  m, the length of the payload
 *     m  payload, and nothing after it
 * </pre>
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by its arrays
record Envelope(
    boolean absent,
    int serializer,
    byte[] transforms,
    long genesis,
    Marks.Reading then,
    long created,
    long expires,
    long ends,
    long costMicros,
    List<String> tags,
    int payload) {

  static final int MAGIC = 0x504B4345;
  static final int VERSION = 1;
  static final int MAX_TRANSFORMS = 8;
  static final int MAX_TAGS = 64;
  static final int MAX_TAG_BYTES = 255;
  static final int FIXED_LENGTH = 81;

  /** How many bytes, from the first on, tell two values apart. */
  static final int ID_END = 24;

  private static final long MAX_COST = 0xFFFF_FFFFL;
  private static final int START_LENGTH = 8;

  static byte[] write(Head head, byte[] payload) {
    Stamp stamp = head.stamp();
    long expires = stamp.nowMillis() + TimeUnit.NANOSECONDS.toMillis(stamp.freshNanos());
    long cost = Math.min(MAX_COST, TimeUnit.NANOSECONDS.toMicros(stamp.costNanos()));
    List<byte[]> tags = stamp.tags().stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
    int length = FIXED_LENGTH + head.transforms().length + payload.length;
    ByteBuffer out =
        ByteBuffer.allocate(length + tags.stream().mapToInt(tag -> 1 + tag.length).sum())
            .putInt(MAGIC)
            .put((byte) VERSION)
            .put((byte) (head.absent() ? 1 : 0))
            .put((byte) head.serializer())
            .put((byte) head.transforms().length)
            .put(head.id())
            .putLong(head.genesis())
            .putLong(stamp.then().genesis())
            .putLong(stamp.then().clock())
            .putLong(Math.min(stamp.createdMillis(), expires))
            .putLong(expires)
            .putLong(expires + TimeUnit.NANOSECONDS.toMillis(stamp.staleNanos()))
            .putInt((int) cost)
            .put((byte) tags.size())
            .put(head.transforms());
    tags.forEach(tag -> out.put((byte) tag.length).put(tag));
    return out.putInt(payload.length).put(payload).array();
  }

  /** What is written before the payload. */
  record Head(
      boolean absent, int serializer, byte[] transforms, byte[] id, long genesis, Stamp stamp) {}

  /** Reads all but the payload, which begins at {@link #payload} and goes to the end. */
  static Envelope read(byte[] stored) throws CodingException {
    ByteBuffer in = ByteBuffer.wrap(stored);
    require(stored.length >= START_LENGTH && in.getInt() == MAGIC, Reason.NOT_AN_ENTRY);
    require(in.get() == VERSION, Reason.UNKNOWN_VERSION);
    int flags = in.get();
    require(flags == 0 || flags == 1, Reason.MALFORMED);
    int serializer = in.get() & 0xFF;
    int count = in.get() & 0xFF;
    require(count <= MAX_TRANSFORMS && stored.length >= FIXED_LENGTH + count, Reason.MALFORMED);
    in.position(ID_END);
    long genesis = in.getLong();
    Marks.Reading then = new Marks.Reading(in.getLong(), in.getLong(), 0);
    long created = in.getLong();
    long expires = in.getLong();
    long ends = in.getLong();
    require(created >= 0 && expires >= created && ends >= expires, Reason.MALFORMED);
    long cost = in.getInt() & MAX_COST;
    int tagCount = in.get() & 0xFF;
    byte[] transforms = new byte[count];
    in.get(transforms);
    List<String> tags = tags(in, tagCount);
    require(in.remaining() >= 4 && in.getInt() == in.remaining(), Reason.MALFORMED);
    return new Envelope(
        flags == 1,
        serializer,
        transforms,
        genesis,
        then,
        created,
        expires,
        ends,
        cost,
        tags,
        in.position());
  }

  private static List<String> tags(ByteBuffer in, int count) throws CodingException {
    require(count <= MAX_TAGS, Reason.MALFORMED);
    List<String> tags = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      require(in.hasRemaining(), Reason.MALFORMED);
      int length = in.get() & 0xFF;
      require(in.remaining() >= length, Reason.MALFORMED);
      tags.add(text(in.slice(in.position(), length)));
      in.position(in.position() + length);
    }
    return List.copyOf(tags);
  }

  private static String text(ByteBuffer bytes) throws CodingException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException malformed) {
      throw new CodingException(Reason.MALFORMED);
    }
  }

  /** Returns how it came to be. */
  Birth birth(int length) {
    return new Birth(
        created, nanos(expires - created), TimeUnit.MICROSECONDS.toNanos(costMicros), length);
  }

  /**
   * Returns how long it is fresh from now on. Never longer than its writer gave it, whatever the
   * wall clocks of two machines say.
   */
  long freshNanos(long now) {
    return nanos(Math.min(expires - now, expires - created));
  }

  /** Returns how long it may be of use at all from now on, likewise. */
  long usableNanos(long now) {
    return nanos(Math.min(ends - now, ends - created));
  }

  private static long nanos(long millis) {
    return Math.min(2 * Lifetimes.LONGEST.toNanos(), TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private static void require(boolean holds, Reason otherwise) throws CodingException {
    if (!holds) {
      throw new CodingException(otherwise);
    }
  }
}
