package dev.perfkit.benchmarks.compress;

import dev.perfkit.compress.CompressionTransform;
import dev.perfkit.compress.TrainedTransform;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.ByteTransform;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Values of 350 bytes to 5 KB, with a trained dictionary and without one, at the same level. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TrainedBenchmark {

  private static final int VALUES = 4_096;
  private static final int SMALLEST = 350;
  private static final int LARGEST = 5_000;
  private static final byte[] CONTEXT = {};

  /** Who compresses. */
  @Param({"trained", "zstd"})
  public String transform = "";

  private final byte[][] values = new byte[VALUES][];
  private final byte[][] payloads = new byte[VALUES][];
  private ByteTransform encoding = CompressionTransform.gzip(1);
  private int next;

  /** Tells what became of the bytes. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Bytes {

    /** Bytes of values. */
    public long before;

    /** Bytes of payloads. */
    public long after;
  }

  /** Makes values, trains on half of them, and encodes the others for decoding. */
  @Setup
  public void prepare() {
    byte[] corpus = ApiJson.ofLength(VALUES * LARGEST / 2);
    int from = 0;
    for (int i = 0; i < VALUES; i++) {
      int length = SMALLEST + (int) ((LARGEST - SMALLEST) * Math.pow(i % 97 / 97.0, 3));
      values[i] = Arrays.copyOfRange(corpus, from, from + length);
      from += length;
    }
    encoding = transform.equals("trained") ? trained() : plain();
    for (int i = 0; i < VALUES; i++) {
      byte[] encoded = encoding.encode(values[i], CONTEXT);
      payloads[i] = encoded == null ? new byte[0] : encoded;
    }
  }

  private static ByteTransform plain() {
    return CompressionTransform.zstd(3, ByteSize.ofBytes(64));
  }

  private ByteTransform trained() {
    TrainedTransform trained = TrainedTransform.named("benchmark").build();
    for (int i = 0; i < VALUES; i += 2) {
      trained.encode(values[i], CONTEXT);
    }
    trained.train();
    return trained;
  }

  /** Frees the native memory. */
  @TearDown
  public void free() throws Exception {
    ((AutoCloseable) encoding).close();
  }

  /** Encodes a value that was not trained on. */
  @Benchmark
  public byte[] encode(Bytes bytes) {
    next = (next + 2) % VALUES;
    byte[] value = values[next + 1];
    byte[] encoded = encoding.encode(value, CONTEXT);
    byte[] kept = encoded == null ? value : encoded;
    bytes.before += value.length;
    bytes.after += kept.length;
    return kept;
  }

  /** Decodes it. */
  @Benchmark
  public byte[] decode() {
    next = (next + 2) % VALUES;
    byte[] payload = payloads[next + 1];
    return encoding.decode(payload, 0, payload.length, CONTEXT, 1 << 20);
  }
}
