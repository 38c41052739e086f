package dev.perfkit.benchmarks.compress;

import java.util.concurrent.TimeUnit;
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
 * One body, encoded as a whole: by our pooled codecs, and by the library with a context at hand,
 * where it has one that can be used again. Generated, or of a file: {@code -p corpus=path -p
 * size=0} takes all of it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class EncodeBenchmark {

  /** Coding and level. */
  @Param({"gzip-6", "deflate-6", "zstd-1", "zstd-3", "br-4", "br-5"})
  public String coding = "";

  /** The generated bodies, or the path of a file. */
  @Param(Corpus.GENERATED)
  public String corpus = "";

  /** Bytes of the body. */
  @Param({"1024", "10240", "65536"})
  public int size;

  private byte[] body = {};
  private Ours ours = Ours.of("gzip-6");
  private RawCodec raw = RawCodec.of("gzip-6", true);

  /** Makes the body and both codecs. */
  @Setup
  public void prepare() {
    body = Corpus.body(corpus, size);
    ours = Ours.of(coding);
    raw = RawCodec.of(coding, true);
  }

  /** Tells the sizes, and frees both. */
  @TearDown
  public void free() {
    System.out.printf(
        "%s of %d bytes: perfkit %d, raw %d%n",
        coding, body.length, perfkit().length, raw().length);
    ours.close();
    raw.close();
  }

  /** Ours. */
  @Benchmark
  public byte[] perfkit() {
    return ours.encode(body);
  }

  /** The library alone. */
  @Benchmark
  public byte[] raw() {
    return raw.encode(body);
  }
}
