package dev.perfkit.benchmarks.compress;

import dev.perfkit.compress.Coding;
import dev.perfkit.compress.EncodedBody;
import dev.perfkit.compress.RequestHead;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.ResponseHead;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * The budget of CPU time by the real clock: 2,000 responses a second of 10 KiB, as they are due.
 * The time of an operation is that between two of them; what counts is what each iteration prints:
 * the share of all processors that encoding took, measured from outside, and the bytes that were
 * saved, also as a share of what zstd-1 without a budget saves.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 10)
@Fork(1)
public class BudgetBenchmark {

  private static final long APART = TimeUnit.SECONDS.toNanos(1) / 2_000;

  /** How late a thread may be woken. */
  private static final long LATE = TimeUnit.MICROSECONDS.toNanos(80);

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** What the client accepts. */
  @Param({"zstd", "br", "gzip"})
  public String coding = "";

  /** The share of all processors; 1 is no limit. */
  @Param({"0.02", "1"})
  public double budget;

  /** The generated bodies, or the path of a file. */
  @Param(Corpus.GENERATED)
  public String corpus = "";

  /** Bytes of the body. */
  @Param("10240")
  public int size;

  private final Map<String, List<String>> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, List<String>> response = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private byte[] body = {};
  private ResponseCompressor compressor = ResponseCompressor.create();
  private long savedByFastest;
  private long begun;
  private long due;
  private long responses;
  private long identities;
  private long sent;
  private long cpu;

  /** Makes heads, body and compressor. */
  @Setup
  public void prepare() {
    request.put("Accept-Encoding", List.of(coding));
    response.put("Content-Type", List.of("application/json; charset=utf-8"));
    body = Corpus.body(corpus, size);
    compressor =
        ResponseCompressor.named("budget").prefer(Ours.codingOf(coding)).cpuBudget(budget).build();
    try (RawCodec fastest = RawCodec.of("zstd-1", false)) {
      savedByFastest = (long) body.length - fastest.encode(body).length;
    }
  }

  /** Frees the compressor. */
  @TearDown
  public void free() {
    compressor.close();
  }

  /** Counts from now on. */
  @Setup(Level.Iteration)
  public void begin() {
    responses = 0;
    identities = 0;
    sent = 0;
    cpu = 0;
    begun = System.nanoTime();
    due = begun;
  }

  /** Tells what encoding took and saved. */
  @TearDown(Level.Iteration)
  public void tell() {
    double seconds = (System.nanoTime() - begun) / 1e9;
    double saved = (double) body.length * responses - sent;
    int processors = Runtime.getRuntime().availableProcessors();
    System.out.printf(
        "%n%s, budget %s: %.0f responses/s, CPU %.2f %% of %d processors, identity %.1f %%,"
            + " %.1f %% of bytes saved, %.1f %% of what zstd-1 saves%n",
        coding,
        budget,
        responses / seconds,
        100 * cpu / 1e9 / seconds / processors,
        processors,
        100.0 * identities / responses,
        100 * saved / ((double) body.length * responses),
        100 * saved / ((double) savedByFastest * responses));
  }

  /** Waits until it is due, decides and encodes. */
  @Benchmark
  public EncodedBody response() {
    await();
    long before = THREADS.getCurrentThreadCpuTime();
    EncodedBody encoded =
        compressor.compress(
            new RequestHead("GET", request::get), ResponseHead.of(200, response::get), body);
    cpu += THREADS.getCurrentThreadCpuTime() - before;
    responses++;
    sent += encoded.bytes().length;
    identities += encoded.decision().coding().equals(Coding.IDENTITY) ? 1 : 0;
    return encoded;
  }

  /** Parks for most of the time: what is left is too short for it. */
  private void await() {
    due += APART;
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      if (left > LATE) {
        LockSupport.parkNanos(left - LATE);
      } else {
        Thread.onSpinWait();
      }
    }
  }
}
