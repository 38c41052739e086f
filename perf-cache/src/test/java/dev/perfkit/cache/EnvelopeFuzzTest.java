package dev.perfkit.cache;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;

/**
 * Proves that no bytes make a reader of entries do anything but refuse them with a reason, or give
 * a value within the limits. Runs its seeds in every build; searches when {@code JAZZER_FUZZ=1}.
 */
class EnvelopeFuzzTest {

  private static final int LIMIT = 4096;
  private static final long NOW = 1_700_000_000_000L;
  private static final byte[] CONTEXT = {1, 2, 3};
  private static final ValueCodec<String> TEXT =
      new ValueCodec<>(StringSerializer.create(), List.of(), LIMIT, LIMIT);
  private static final ValueCodec<List<String>> CBOR =
      new ValueCodec<>(
          CborSerializer.of(new com.fasterxml.jackson.core.type.TypeReference<List<String>>() {}),
          List.of(new XorTransform(5, false)),
          LIMIT,
          LIMIT);

  @FuzzTest
  void decode_anyBytes_refusesOrReads(byte[] bytes) {
    check(TEXT, bytes);
    check(CBOR, bytes);
  }

  @FuzzTest
  void decode_anyPayload_refusesOrReads(byte[] payload) {
    Stamp stamp = new Stamp(0, NOW, NOW, 1000, 1000, 0, new Marks.Reading(1, 2, 0), List.of("t"));
    byte[] ids = {}; // the transform is not required
    Envelope.Head head = new Envelope.Head(false, 4, ids, new byte[16], 7, stamp);
    check(CBOR, Envelope.write(head, payload));
  }

  private static void check(ValueCodec<?> codec, byte[] bytes) {
    try {
      Found<?> found = codec.decode(bytes, NOW, CONTEXT);
      require(bytes.length <= LIMIT, "an entry over the limit was read");
      require(found.usableNanos() >= found.freshNanos(), "times");
      require(found.tags().size() <= Envelope.MAX_TAGS, "tags");
    } catch (CodingException refused) {
      require(refused.getCause() == null, "a cause");
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
