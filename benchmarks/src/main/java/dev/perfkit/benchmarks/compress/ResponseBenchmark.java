package dev.perfkit.benchmarks.compress;

import dev.perfkit.compress.Coding;
import dev.perfkit.compress.EncodedBody;
import dev.perfkit.compress.RequestHead;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.ResponseHead;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole response, from two heads and a body to what is sent: 10 KiB of generated JSON, or of a
 * file ({@code -p corpus=path}).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ResponseBenchmark {

  /** Coding and level. */
  @Param({"zstd-3", "zstd-1", "gzip-6", "br-5"})
  public String coding = "";

  /** The generated bodies, or the path of a file. */
  @Param(Corpus.GENERATED)
  public String corpus = "";

  /** Bytes of the body. */
  @Param("10240")
  public int size;

  private byte[] body = {};
  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private ResponseCompressor compressor = ResponseCompressor.create();
  private RawCodec raw = RawCodec.of("gzip-6", false);

  /** Makes heads, compressor and the raw codec. */
  @Setup
  public void prepare() {
    body = Corpus.body(corpus, size);
    int level = RawCodec.levelOf(coding);
    Coding offered = Ours.codingOf(coding);
    request.put("Accept-Encoding", List.of("gzip, deflate, br, zstd"));
    request.put("Accept", List.of("application/json"));
    response.put("Content-Type", List.of("application/json; charset=utf-8"));
    response.put("Cache-Control", List.of("private, max-age=0"));
    response.put("ETag", List.of("\"5f3a\""));
    compressor =
        ResponseCompressor.named("benchmark").prefer(offered).level(offered, level).build();
    raw = RawCodec.of(coding, false);
  }

  /** Frees both. */
  @TearDown
  public void free() {
    compressor.close();
    raw.close();
  }

  /** Decides, encodes, and gives the changed head. */
  @Benchmark
  public EncodedBody perfkit() {
    return compressor.compress(
        new RequestHead("GET", request::get), ResponseHead.of(200, response::get), body);
  }

  /** Only the encoding, by the library alone. */
  @Benchmark
  public byte[] raw() {
    return raw.encode(body);
  }
}
