package dev.perfkit.cache;

import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.TransformException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values to stored entries and back: serialize, transform in order, wrap; and the reverse.
 *
 * <p>The transforms of an entry must be those of the cache, in their order; only such that are not
 * required may be missing. Thus nobody who can write to Redis can strip an encryption.
 */
final class ValueCodec<V> {

  /** How much larger than the decoded value something between two transforms may be. */
  private static final int TRANSFORM_OVERHEAD = 4096;

  private final Serializer<V> serializer;
  private final List<ByteTransform> transforms;
  private final int maxDecoded;
  private final int maxEncoded;

  ValueCodec(
      Serializer<V> serializer, List<ByteTransform> transforms, int maxDecoded, int maxEncoded) {
    this.serializer = serializer;
    this.transforms = transforms;
    this.maxDecoded = maxDecoded;
    this.maxEncoded = maxEncoded;
  }

  /**
   * Returns the stored form.
   *
   * @param value null to store that the source has none
   * @param id of the lease that the value is stored under
   * @param genesis of the shard
   */
  byte[] encode(@Nullable V value, Stamp stamp, byte[] id, long genesis, byte[] context)
      throws CodingException {
    byte[] payload = value == null ? new byte[0] : serialize(value);
    requireSize(payload.length, maxDecoded);
    byte[] ids = new byte[transforms.size()];
    int applied = 0;
    for (ByteTransform transform : transforms) {
      byte[] encoded = encode(transform, payload, context);
      if (encoded != null) {
        payload = encoded;
        ids[applied++] = (byte) transform.id();
      }
    }
    Envelope.Head head =
        new Envelope.Head(
            value == null, serializer.id(), Arrays.copyOf(ids, applied), id, genesis, stamp);
    byte[] stored = Envelope.write(head, payload);
    requireSize(stored.length, maxEncoded);
    return stored;
  }

  Found<V> decode(byte[] stored, long nowMillis, byte[] context) throws CodingException {
    requireSize(stored.length, maxEncoded);
    Envelope envelope = Envelope.read(stored);
    if (envelope.serializer() != serializer.id()) {
      throw new CodingException(Reason.OTHER_SERIALIZER);
    }
    Region payload = undo(envelope, stored, context);
    requireSize(payload.length(), maxDecoded);
    return new Found<>(
        value(envelope, payload),
        envelope.freshNanos(nowMillis),
        envelope.usableNanos(nowMillis),
        envelope.genesis(),
        envelope.then(),
        envelope.tags(),
        envelope.birth(stored.length));
  }

  private @Nullable V value(Envelope envelope, Region payload) throws CodingException {
    if (!envelope.absent()) {
      return deserialize(payload);
    }
    if (payload.length() != 0) {
      throw new CodingException(Reason.MALFORMED);
    }
    return null;
  }

  private Region undo(Envelope envelope, byte[] stored, byte[] context) throws CodingException {
    ByteTransform[] applied = applied(envelope.transforms());
    Region region = new Region(stored, envelope.payload(), stored.length - envelope.payload());
    for (int i = applied.length - 1; i >= 0; i--) {
      int limit = i == 0 ? maxDecoded : maxDecoded + TRANSFORM_OVERHEAD;
      byte[] decoded = decode(applied[i], region, context, limit);
      region = new Region(decoded, 0, decoded.length);
    }
    return region;
  }

  /** Returns the transforms of an entry, each found in the order of the cache. */
  private ByteTransform[] applied(byte[] ids) throws CodingException {
    ByteTransform[] applied = new ByteTransform[ids.length];
    int found = 0;
    for (ByteTransform transform : transforms) {
      if (found < ids.length && (ids[found] & 0xFF) == transform.id()) {
        applied[found++] = transform;
      } else if (transform.required()) {
        throw new CodingException(Reason.MISSING_TRANSFORM);
      }
    }
    if (found < ids.length) {
      throw new CodingException(Reason.OTHER_TRANSFORMS);
    }
    return applied;
  }

  private byte[] serialize(V value) throws CodingException {
    try {
      return serializer.serialize(value);
    } catch (Exception | StackOverflowError refused) {
      throw new CodingException(Reason.NOT_SERIALIZABLE);
    }
  }

  private V deserialize(Region payload) throws CodingException {
    V value;
    try {
      value = serializer.deserialize(payload.bytes(), payload.offset(), payload.length());
    } catch (Exception | StackOverflowError refused) {
      throw new CodingException(Reason.NOT_SERIALIZABLE);
    }
    if (value == null) {
      throw new CodingException(Reason.NOT_SERIALIZABLE);
    }
    return value;
  }

  private static byte @Nullable [] encode(ByteTransform transform, byte[] payload, byte[] context)
      throws CodingException {
    byte[] encoded;
    try {
      encoded = transform.encode(payload, context);
    } catch (TransformException refused) {
      throw new CodingException(reason(refused));
    } catch (RuntimeException broken) {
      throw new CodingException(Reason.DAMAGED);
    }
    if (encoded == null && transform.required()) {
      throw new CodingException(Reason.MISSING_TRANSFORM);
    }
    return encoded;
  }

  private static byte[] decode(ByteTransform transform, Region in, byte[] context, int limit)
      throws CodingException {
    byte[] decoded;
    try {
      decoded = transform.decode(in.bytes(), in.offset(), in.length(), context, limit);
    } catch (TransformException refused) {
      throw new CodingException(reason(refused));
    } catch (RuntimeException broken) {
      throw new CodingException(Reason.DAMAGED);
    }
    requireSize(decoded.length, limit);
    return decoded;
  }

  private static Reason reason(TransformException refused) {
    return switch (refused.reason()) {
      case DAMAGED -> Reason.DAMAGED;
      case TOO_LARGE -> Reason.TOO_LARGE;
      case KEY_UNAVAILABLE -> Reason.KEY_UNAVAILABLE;
    };
  }

  private static void requireSize(int size, int limit) throws CodingException {
    if (size > limit) {
      throw new CodingException(Reason.TOO_LARGE);
    }
  }

  /** A part of an array. */
  @SuppressWarnings("ArrayRecordComponent") // never compared by its arrays
  private record Region(byte[] bytes, int offset, int length) {}
}
