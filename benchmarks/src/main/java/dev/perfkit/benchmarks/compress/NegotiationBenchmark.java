package dev.perfkit.benchmarks.compress;

import dev.perfkit.compress.Coding;
import dev.perfkit.compress.ResponseCompressor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.QuotedQualityCSV;
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
import org.openjdk.jmh.annotations.Warmup;

/** Accept-Encoding of a browser, from the field lines to the coding to use. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class NegotiationBenchmark {

  /** The field's value. */
  @Param({"gzip, deflate, br, zstd", "gzip;q=1.0, zstd;q=0.8, *;q=0.1"})
  public String acceptEncoding = "";

  private final ResponseCompressor compressor = ResponseCompressor.create();
  private List<String> lines = List.of();

  /** Takes the field's lines as a server has them. */
  @Setup
  public void prepare() {
    lines = List.of(acceptEncoding);
  }

  /** Ours. */
  @Benchmark
  public @Nullable Coding perfkit() {
    return compressor.negotiate(lines);
  }

  /** Jetty's parser, and the first of its values that is on offer. */
  @Benchmark
  public String jetty() {
    QuotedQualityCSV parsed = new QuotedQualityCSV();
    parsed.addValue(acceptEncoding);
    for (String value : parsed.getValues()) {
      if (value.equals("zstd") || value.equals("gzip")) {
        return value;
      }
    }
    return "identity";
  }
}
