package dev.perfkit.benchmarks.compress;

import dev.perfkit.compress.Coding;
import dev.perfkit.compress.EncodedBody;
import dev.perfkit.compress.RequestHead;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.ResponseHead;
import dev.perfkit.compress.Variants;
import dev.perfkit.spi.ByteSize;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A response of 10 KB of JSON that was sent before: the variant that is kept, found by the
 * application's entity tag or by the body's hash, and the same body encoded anew.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class VariantBenchmark {

  private static final String TARGET = "https://api.example.org/v1/users?page=2&size=50";

  private final byte[] body = ApiJson.ofLength(10_240);
  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private ResponseCompressor byTag = ResponseCompressor.create();
  private ResponseCompressor byHash = ResponseCompressor.create();
  private ResponseCompressor anew = ResponseCompressor.create();

  /** Makes heads and compressors. */
  @Setup
  public void prepare() {
    request.put("Accept-Encoding", List.of("gzip, deflate, br, zstd"));
    request.put("Accept", List.of("application/json"));
    response.put("Content-Type", List.of("application/json; charset=utf-8"));
    response.put("Cache-Control", List.of("max-age=60"));
    response.put("ETag", List.of("\"5f3a\""));
    Variants kept = Variants.upTo(ByteSize.ofMebibytes(8)).recompressAfter(Variants.NEVER);
    byTag =
        ResponseCompressor.named("tag").prefer(Coding.ZSTD).variants(kept.byEntityTag()).build();
    byHash = ResponseCompressor.named("hash").prefer(Coding.ZSTD).variants(kept).build();
    anew = ResponseCompressor.named("anew").prefer(Coding.ZSTD).build();
  }

  /** Frees them. */
  @TearDown
  public void free() {
    byTag.close();
    byHash.close();
    anew.close();
  }

  /** The tag stands for the body. */
  @Benchmark
  public EncodedBody byEntityTag() {
    return respond(byTag);
  }

  /** The body is hashed. */
  @Benchmark
  public EncodedBody byContent() {
    return respond(byHash);
  }

  /** Nothing is kept. */
  @Benchmark
  public EncodedBody encoded() {
    return respond(anew);
  }

  private EncodedBody respond(ResponseCompressor compressor) {
    return compressor.compress(
        new RequestHead("GET", request::get, TARGET), ResponseHead.of(200, response::get), body);
  }
}
