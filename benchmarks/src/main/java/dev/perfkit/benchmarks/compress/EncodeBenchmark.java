package dev.perfkit.benchmarks.compress;

import dev.perfkit.compress.CompressionTransform;
import dev.perfkit.spi.ByteSize;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/**
 * One body, encoded as a whole: by our pooled codecs, and by the library with a context at hand.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class EncodeBenchmark {

  private static final byte[] CONTEXT = {};

  /** Coding and level. */
  @Param({"gzip-6", "zstd-1", "zstd-3"})
  public String coding = "";

  /** Bytes of the body. */
  @Param({"1024", "10240", "65536"})
  public int size;

  private byte[] body = {};
  private CompressionTransform ours = CompressionTransform.gzip(6);
  private RawCodec raw = RawCodec.of("gzip-6", true);

  /** Makes the body and both codecs. */
  @Setup
  public void prepare() {
    body = ApiJson.ofLength(size);
    int level = Integer.parseInt(coding.substring(coding.indexOf('-') + 1));
    ours =
        coding.startsWith("zstd")
            ? CompressionTransform.zstd(level, ByteSize.ofBytes(0))
            : CompressionTransform.gzip(level, ByteSize.ofBytes(0));
    raw = RawCodec.of(coding, true);
  }

  /** Frees both. */
  @TearDown
  public void free() {
    ours.close();
    raw.close();
  }

  /** Ours. */
  @Benchmark
  public byte @Nullable [] perfkit() {
    return ours.encode(body, CONTEXT);
  }

  /** The library alone. */
  @Benchmark
  public byte[] raw() {
    return raw.encode(body);
  }
}
