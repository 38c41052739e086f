package dev.perfkit.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.TransformException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ByteTransform} must do: give back what it was given, within the limit it was
 * set, from any place in an array, on any thread; and turn whatever is damaged into a {@link
 * TransformException}, never into another failure.
 */
@Beta
public abstract class ByteTransformConformance {

  /** What a transform does beyond being reversible. */
  public enum Capability {
    /** Notices any changed, missing or added byte. */
    DETECTS_DAMAGE,
    /** Notices another context than the one it was encoded with. */
    BINDS_CONTEXT
  }

  private static final byte[] CONTEXT = "users:42".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OTHER_CONTEXT = "users:43".getBytes(StandardCharsets.UTF_8);
  private static final String MARKER = "Zebra-4711-Quokka";
  private static final int LIMIT = 1 << 20;
  private static final int BOMB = 32 << 20;

  private final Set<Capability> capabilities;
  private ByteTransform transform;

  /**
   * For subclasses.
   *
   * @param capabilities what the transform does; what it does not is not asked of it
   */
  protected ByteTransformConformance(Capability... capabilities) {
    this.capabilities = Set.of(capabilities);
  }

  /** Makes the transform; called once for each test. */
  protected abstract ByteTransform create();

  @BeforeEach
  final void make() {
    transform = create();
  }

  @Test
  final void id_always_isOneStableByte() {
    assertThat(transform.id()).isBetween(1, 255);
    assertThat(create().id()).as("id of another instance").isEqualTo(transform.id());
    assertThat(create().required()).isEqualTo(transform.required());
  }

  @Test
  final void encode_anyPayload_isWorthItOrMayBeLeftOut() {
    for (byte[] payload : payloads()) {
      byte[] encoded = transform.encode(payload, CONTEXT);
      assertThat(encoded != null || !transform.required())
          .as("a required transform encoded " + payload.length + " bytes")
          .isTrue();
    }
    assertThat(transform.encode(text(1 << 16), CONTEXT)).as("64 KiB of plain text").isNotNull();
  }

  @Test
  final void decode_encodedPayload_givesItBack() {
    for (byte[] payload : payloads()) {
      byte[] encoded = transform.encode(payload, CONTEXT);
      if (encoded != null) {
        assertThat(decode(encoded, CONTEXT, LIMIT)).isEqualTo(payload);
      }
    }
  }

  @Test
  final void decode_anyContext_givesItBack() {
    for (byte[] context : List.of(new byte[0], new byte[1_000], CONTEXT)) {
      byte[] encoded = encode(text(5_000), context);
      assertThat(decode(encoded, context, LIMIT)).isEqualTo(text(5_000));
    }
  }

  @Test
  final void decode_byAnotherInstance_givesItBack() {
    byte[] encoded = encode(text(5_000), CONTEXT);
    assertThat(create().decode(encoded, 0, encoded.length, CONTEXT, LIMIT)).isEqualTo(text(5_000));
  }

  @Test
  final void decode_insideALargerArray_readsOnlyItsRange() {
    byte[] encoded = encode(text(5_000), CONTEXT);
    for (int before : new int[] {0, 1, 13}) {
      byte[] larger = random(before + encoded.length + 17);
      System.arraycopy(encoded, 0, larger, before, encoded.length);
      assertThat(transform.decode(larger, before, encoded.length, CONTEXT, LIMIT))
          .isEqualTo(text(5_000));
    }
  }

  @Test
  final void decode_rangeOutsideTheInput_isRefused() {
    byte[] encoded = encode(text(5_000), CONTEXT);
    int length = encoded.length;
    int[][] ranges = {
      {-1, length}, {0, length + 1}, {1, length}, {0, -1}, {length + 1, 0}, {1, Integer.MAX_VALUE}
    };
    for (int[] range : ranges) {
      assertThatThrownBy(() -> transform.decode(encoded, range[0], range[1], CONTEXT, LIMIT))
          .as("offset %s, length %s of %s", range[0], range[1], length)
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  final void decode_resultAtTheLimit_isGivenBack() {
    byte[] encoded = encode(text(5_000), CONTEXT);
    assertThat(decode(encoded, CONTEXT, 5_000)).isEqualTo(text(5_000));
  }

  @Test
  final void decode_resultOverTheLimit_isTooLarge() {
    byte[] encoded = encode(text(5_000), CONTEXT);
    for (int limit : new int[] {4_999, 100, 1, 0}) {
      assertTooLarge(encoded, limit);
    }
  }

  @Test
  final void decode_resultFarOverTheLimit_takesNoMemoryForIt() {
    byte[] bomb = encode(new byte[BOMB], CONTEXT);
    assertTooLarge(bomb, LIMIT);
    long before = allocated();
    assumeTrue(before >= 0, "this JVM does not count allocations");
    assertTooLarge(bomb, LIMIT);
    assertThat(allocated() - before).as("bytes allocated").isLessThan(BOMB / 2);
  }

  @Test
  final void inputs_always_areLeftUnchangedAndNotHandedOut() {
    byte[] payload = text(5_000);
    byte[] context = CONTEXT.clone();
    byte[] encoded = encode(payload, context);
    byte[] copy = encoded.clone();
    byte[] decoded = decode(encoded, context, LIMIT);
    assertThat(payload).isEqualTo(text(5_000)).isNotSameAs(encoded);
    assertThat(context).isEqualTo(CONTEXT);
    assertThat(encoded).isEqualTo(copy);
    Arrays.fill(decoded, (byte) 0);
    assertThat(decode(encoded, context, LIMIT)).as("decoded again").isEqualTo(payload);
    byte[] held = encode(payload, context);
    Arrays.fill(payload, (byte) 0);
    assertThat(decode(held, context, LIMIT)).as("after the input changed").isEqualTo(text(5_000));
  }

  @Test
  final void decode_changedByte_isDamagedOrHarmless() {
    byte[] encoded = encode(text(600), CONTEXT);
    for (int i = 0; i < encoded.length; i++) {
      for (int bit : new int[] {0x01, 0x80, 0xff}) {
        byte[] changed = encoded.clone();
        changed[i] ^= (byte) bit;
        assertRefusedIfDetected("byte " + i + " changed by " + bit, changed);
      }
    }
  }

  @Test
  final void decode_cutShort_isDamagedOrHarmless() {
    byte[] encoded = encode(text(600), CONTEXT);
    for (int length = 0; length < encoded.length; length++) {
      assertRefusedIfDetected("cut to " + length, Arrays.copyOf(encoded, length));
    }
  }

  @Test
  final void decode_bytesAdded_isDamagedOrHarmless() {
    byte[] encoded = encode(text(600), CONTEXT);
    for (int more : new int[] {1, 16, 100}) {
      assertRefusedIfDetected(more + " added", Arrays.copyOf(encoded, encoded.length + more));
    }
  }

  @Test
  final void decode_somethingElse_isDamagedOrHarmless() {
    for (byte[] payload : payloads()) {
      if (payload.length < LIMIT) {
        assertRefusedIfDetected("never encoded", payload);
      }
    }
  }

  @Test
  final void decode_otherContext_isDamaged() {
    assumeTrue(capabilities.contains(Capability.BINDS_CONTEXT));
    byte[] encoded = encode(text(600), CONTEXT);
    for (byte[] other : List.of(OTHER_CONTEXT, new byte[0], Arrays.copyOf(CONTEXT, 9))) {
      assertThatThrownBy(() -> decode(encoded, other, LIMIT))
          .isInstanceOfSatisfying(
              TransformException.class,
              refused -> assertThat(refused.reason()).isEqualTo(TransformException.Reason.DAMAGED));
    }
  }

  @Test
  final void failure_always_keepsThePayloadToItself() {
    byte[] encoded = encode(text(600), CONTEXT);
    assertSilent(failureOf(encoded, 10));
    assertSilent(failureOf(Arrays.copyOf(encoded, encoded.length / 2), LIMIT));
    assertSilent(failureOf(text(600), LIMIT));
  }

  @Test
  final void transform_manyThreads_giveBackTheirOwn() {
    Together.run(
        4,
        thread ->
            () -> {
              byte[] context = {(byte) thread};
              for (int i = 0; i < 200; i++) {
                byte[] payload = text(2_000 + 10 * i);
                Arrays.fill(payload, 100, 200, (byte) thread);
                assertThat(decode(encode(payload, context), context, LIMIT)).isEqualTo(payload);
              }
            });
  }

  /** Encodes what is worth it. */
  private byte[] encode(byte[] payload, byte[] context) {
    return Objects.requireNonNull(
        transform.encode(payload, context), "encoded form of a payload that is worth it");
  }

  private byte[] decode(byte[] encoded, byte[] context, int maxLength) {
    return transform.decode(encoded, 0, encoded.length, context, maxLength);
  }

  private void assertTooLarge(byte[] encoded, int limit) {
    assertThatThrownBy(() -> decode(encoded, CONTEXT, limit))
        .as("limit " + limit)
        .isInstanceOfSatisfying(
            TransformException.class,
            refused -> assertThat(refused.reason()).isEqualTo(TransformException.Reason.TOO_LARGE));
  }

  private void assertRefusedIfDetected(String what, byte[] wrong) {
    boolean refused = failureOf(wrong, LIMIT) != null;
    if (capabilities.contains(Capability.DETECTS_DAMAGE)) {
      assertThat(refused).as("refused: " + what).isTrue();
    }
  }

  /** Returns how decoding is refused, or null if it is not; any other failure fails the test. */
  private @Nullable TransformException failureOf(byte[] encoded, int limit) {
    try {
      assertThat(decode(encoded, CONTEXT, limit).length).isLessThanOrEqualTo(limit);
      return null;
    } catch (TransformException refused) {
      return refused;
    }
  }

  private static void assertSilent(@Nullable Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      assertThat(String.valueOf(each.getMessage())).doesNotContain(MARKER);
    }
  }

  private static List<byte[]> payloads() {
    List<byte[]> payloads = new ArrayList<>();
    for (int size : new int[] {0, 1, 2, 15, 16, 17, 255, 256, 1_000, 65_536, LIMIT}) {
      payloads.add(new byte[size]);
      payloads.add(random(size));
      payloads.add(text(size));
    }
    return payloads;
  }

  private static byte[] text(int size) {
    String line = "{\"name\":\"" + MARKER + "\",\"mail\":\"z@example.org\",\"active\":true}\n";
    return Arrays.copyOf(
        line.repeat(size / line.length() + 1).getBytes(StandardCharsets.US_ASCII), size);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** Returns the bytes this thread has allocated so far, or -1 if the JVM does not count them. */
  private static long allocated() {
    return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
            && threads.isThreadAllocatedMemorySupported()
            && threads.isThreadAllocatedMemoryEnabled()
        ? threads.getThreadAllocatedBytes(Thread.currentThread().getId())
        : -1;
  }
}
