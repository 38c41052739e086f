package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.sun.management.ThreadMXBean;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.TransformException;
import dev.perfkit.spi.TransformException.Reason;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Proves the formats (golden bytes), the options, that hostile payloads are refused in bounded
 * memory, and that no native context is leaked by failures or by forgetting to close.
 */
class CompressionTransformTest {

  private static final byte[] CONTEXT = {};
  private static final int LIMIT = 1 << 20;

  static Stream<CompressionTransform> both() {
    return Stream.of(CompressionTransform.gzip(6), CompressionTransform.zstd(3));
  }

  @Test
  void ids_always_areTheDocumentedOnes() {
    assertThat(CompressionTransform.gzip(1).id()).isEqualTo(1);
    assertThat(CompressionTransform.zstd(1).id()).isEqualTo(2);
  }

  @Test
  void decode_goldenPayloads_givesTheValue() {
    byte[] value = "perfkit".repeat(20).getBytes(StandardCharsets.US_ASCII);
    assertThat(decode(CompressionTransform.gzip(6), hex(GOLDEN_GZIP))).isEqualTo(value);
    assertThat(decode(CompressionTransform.zstd(3), hex(GOLDEN_ZSTD))).isEqualTo(value);
  }

  private static final String GOLDEN_GZIP =
      "1f8b08000000000000ff2b482d4acbce2c29180c1400f504f5468c000000";
  private static final String GOLDEN_ZSTD =
      "28b52ffd248c75000038706572666b697401000251c508838df994";

  @ParameterizedTest
  @MethodSource("both")
  void encode_underTheMinimumSize_isNotWorthIt(CompressionTransform transform) {
    assertThat(transform.encode(Bodies.text(1_023), CONTEXT)).isNull();
    assertThat(transform.encode(Bodies.text(1_024), CONTEXT)).isNotNull();
  }

  @Test
  void encode_minimumSizeGiven_countsInstead() {
    for (CompressionTransform transform :
        new CompressionTransform[] {
          CompressionTransform.gzip(6, ByteSize.ofBytes(200)),
          CompressionTransform.zstd(3, ByteSize.ofBytes(200))
        }) {
      assertThat(transform.encode(Bodies.text(199), CONTEXT)).isNull();
      assertThat(transform.encode(Bodies.text(200), CONTEXT)).isNotNull();
    }
  }

  @ParameterizedTest
  @MethodSource("both")
  void encode_noise_isNotWorthIt(CompressionTransform transform) {
    assertThat(transform.encode(Bodies.noise(5_000), CONTEXT)).isNull();
    assertThat(transform.encode(Bodies.noise(500_000), CONTEXT)).isNull();
    assertThat(transform.required()).isFalse();
  }

  @Test
  void level_outOfRange_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CompressionTransform.gzip(10))
        .withMessage("level must be between 1 and 9 but was 10");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CompressionTransform.zstd(0))
        .withMessage("level must be between 1 and 19 but was 0");
  }

  @Test
  void level_higher_isSmaller() {
    byte[] value = Bodies.text(100_000);
    assertThat(encode(CompressionTransform.gzip(9), value).length)
        .isLessThan(encode(CompressionTransform.gzip(1), value).length);
    assertThat(encode(CompressionTransform.zstd(19), value).length)
        .isLessThan(encode(CompressionTransform.zstd(1), value).length);
  }

  @ParameterizedTest
  @MethodSource("both")
  void decode_changedByte_isRefusedOrHarmless(CompressionTransform transform) {
    byte[] value = Bodies.text(2_000);
    byte[] encoded = encode(transform, value);
    for (int i = 0; i < encoded.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] changed = encoded.clone();
        changed[i] ^= (byte) (1 << bit);
        try {
          assertThat(decode(transform, changed)).as("byte %s, bit %s", i, bit).isEqualTo(value);
        } catch (TransformException refused) {
          assertThat(refused.reason()).as("byte %s", i).isIn(Reason.DAMAGED, Reason.TOO_LARGE);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("both")
  void decode_truncatedOrFollowedByMore_isDamaged(CompressionTransform transform) {
    for (int size : new int[] {2_000, 300_000}) {
      byte[] encoded = encode(transform, Bodies.text(size));
      for (int length = 0; length < encoded.length; length += 1 + encoded.length / 500) {
        assertDamaged(transform, Arrays.copyOf(encoded, length));
      }
      assertDamaged(transform, Arrays.copyOf(encoded, encoded.length + 1));
      byte[] twice = Arrays.copyOf(encoded, 2 * encoded.length);
      System.arraycopy(encoded, 0, twice, encoded.length, encoded.length);
      assertDamaged(transform, twice);
    }
  }

  @ParameterizedTest
  @MethodSource("both")
  void decode_bombOverTheLimit_takesNoMemory(CompressionTransform transform) {
    byte[] bomb = encode(transform, new byte[64 << 20]);
    assertThat((64 << 20) / bomb.length).as("ratio").isGreaterThan(1_000);
    long allocated = allocatedBy(() -> assertRefused(transform, bomb, Reason.TOO_LARGE));
    assertThat(allocated).isLessThan(1 << 20);
  }

  @Test
  void decode_gzipBombThatDeclaresLess_stopsAtWhatItDeclares() {
    CompressionTransform transform = CompressionTransform.gzip(6);
    byte[] bomb = encode(transform, new byte[64 << 20]);
    declareGzipLength(bomb, 1_000);
    long allocated = allocatedBy(() -> assertRefused(transform, bomb, Reason.DAMAGED));
    assertThat(allocated).isLessThan(1 << 20);
  }

  @Test
  void decode_gzipThatDeclaresMoreThanItCanHold_takesNoMemory() {
    CompressionTransform transform = CompressionTransform.gzip(6);
    byte[] small = encode(transform, Bodies.text(2_000));
    declareGzipLength(small, LIMIT);
    long allocated = allocatedBy(() -> assertRefused(transform, small, Reason.DAMAGED));
    assertThat(allocated).isLessThan(LIMIT / 2);
    declareGzipLength(small, 2_001);
    assertDamaged(transform, small);
    declareGzipLength(small, 1_999);
    assertDamaged(transform, small);
    declareGzipLength(small, -1);
    assertDamaged(transform, small);
  }

  @Test
  void decode_zstdThatDeclaresAnotherLength_isRefused() {
    CompressionTransform transform = CompressionTransform.zstd(3);
    byte[] frame = encode(transform, Bodies.text(2_000));
    assertThat(frame[4]).as("single segment, two-byte length, checksum").isEqualTo((byte) 0x64);
    for (int declared : new int[] {256, 1_999, 2_001, 65_791}) {
      byte[] lying = frame.clone();
      lying[5] = (byte) (declared - 256);
      lying[6] = (byte) ((declared - 256) >> 8);
      assertDamaged(transform, lying);
    }
  }

  @Test
  void decode_zstdOfAnotherMake_isDamaged() {
    byte[] value = Bodies.text(200_000);
    assertDamaged(CompressionTransform.zstd(3), Zstd.compress(value, 3));
    byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
    assertDamaged(CompressionTransform.zstd(3), skippable);
    assertDamaged(CompressionTransform.zstd(3), encode(CompressionTransform.gzip(6), value));
  }

  @Test
  void decode_zstdWithAWindowOverEightMebibytes_isDamaged() {
    byte[] value = new byte[20 << 20];
    assertThat(decodeUpTo(20 << 20, zstdOfWindow(23, value))).isEqualTo(value);
    byte[] wide = zstdOfWindow(24, value);
    assertThatThrownBy(() -> decodeUpTo(20 << 20, wide))
        .isInstanceOfSatisfying(
            TransformException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DAMAGED));
  }

  private static byte[] zstdOfWindow(int windowLog, byte[] value) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      return context.setChecksum(true).setWindowLog(windowLog).setLevel(3).compress(value);
    }
  }

  private static byte[] decodeUpTo(int maxLength, byte[] payload) {
    try (CompressionTransform transform = CompressionTransform.zstd(3)) {
      return transform.decode(payload, 0, payload.length, CONTEXT, maxLength);
    }
  }

  @ParameterizedTest
  @MethodSource("both")
  void decode_negativeLimit_isRefused(CompressionTransform transform) {
    byte[] encoded = encode(transform, Bodies.text(2_000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> transform.decode(encoded, 0, encoded.length, CONTEXT, -1))
        .withMessage("maxLength must be at least 0 but was -1");
  }

  @ParameterizedTest
  @MethodSource("both")
  void contexts_afterFailures_areNotLeaked(CompressionTransform transform) {
    IntSupplier open = transform.openContexts();
    assertThat(open.getAsInt()).isZero();
    byte[] encoded = encode(transform, Bodies.text(300_000));
    assertThat(open.getAsInt()).isEqualTo(1);
    for (int i = 0; i < 100; i++) {
      assertDamaged(transform, Arrays.copyOf(encoded, encoded.length / 2));
      transform.encode(Bodies.noise(200_000), CONTEXT);
    }
    assertThat(open.getAsInt()).isLessThanOrEqualTo(2);
    assertThat(decode(transform, encoded)).isEqualTo(Bodies.text(300_000));
    transform.close();
    assertThat(open.getAsInt()).isZero();
  }

  @ParameterizedTest
  @MethodSource("both")
  void close_again_doesNothingAndLateCallsStillWork(CompressionTransform transform) {
    byte[] encoded = encode(transform, Bodies.text(5_000));
    transform.close();
    transform.close();
    assertThat(decode(transform, encode(transform, Bodies.text(5_000))))
        .isEqualTo(Bodies.text(5_000));
    assertThat(decode(transform, encoded)).isEqualTo(Bodies.text(5_000));
    assertThat(transform.openContexts().getAsInt()).isZero();
  }

  @Test
  void contexts_ofAForgottenTransform_areFreedByTheCollector() {
    IntSupplier open = useAndForget();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              System.gc();
              return open.getAsInt() == 0;
            });
  }

  private static IntSupplier useAndForget() {
    CompressionTransform transform = CompressionTransform.zstd(3);
    try {
      decode(transform, encode(transform, Bodies.text(5_000)));
      IntSupplier open = transform.openContexts();
      assertThat(open.getAsInt()).isEqualTo(2);
      return open;
    } finally {
      Reference.reachabilityFence(transform);
    }
  }

  @Test
  void toString_always_namesCodingAndLevel() {
    assertThat(CompressionTransform.zstd(5)).hasToString("CompressionTransform[zstd 5]");
  }

  private static void declareGzipLength(byte[] member, int length) {
    ByteBuffer.wrap(member).order(ByteOrder.LITTLE_ENDIAN).putInt(member.length - 4, length);
  }

  private static byte[] encode(CompressionTransform transform, byte[] value) {
    return Objects.requireNonNull(transform.encode(value, CONTEXT));
  }

  private static byte[] decode(CompressionTransform transform, byte[] payload) {
    return transform.decode(payload, 0, payload.length, CONTEXT, LIMIT);
  }

  private static void assertDamaged(CompressionTransform transform, byte[] payload) {
    assertRefused(transform, payload, Reason.DAMAGED);
  }

  private static void assertRefused(CompressionTransform transform, byte[] payload, Reason reason) {
    assertThatThrownBy(() -> decode(transform, payload))
        .isInstanceOfSatisfying(
            TransformException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static long allocatedBy(Runnable work) {
    work.run();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    work.run();
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
