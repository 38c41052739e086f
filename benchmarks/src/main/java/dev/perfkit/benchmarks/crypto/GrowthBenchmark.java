package dev.perfkit.benchmarks.crypto;

import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.Keyset;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What encrypting and decrypting leaves on the heap: bytes in use after a collection, per 1,000
 * operations of an iteration. Below a few bytes it is the measuring itself.
 *
 * <p>Run with {@code java -jar benchmarks/target/benchmarks.jar crypto.Growth}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GrowthBenchmark {

  /** Counts operations and what they leave behind. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Heap {

    private long operations;
    private long before;
    private long grown;

    /** Returns the growth of the heap in bytes for each 1,000 operations. */
    public double bytesPer1000Operations() {
      return operations == 0 ? 0 : grown * 1_000.0 / operations;
    }

    /** Measures before. */
    @Setup(Level.Iteration)
    public void before() {
      operations = 0;
      before = usedAfterCollection();
    }

    /** Measures after. */
    @TearDown(Level.Iteration)
    public void after() {
      grown = usedAfterCollection() - before;
    }

    private static long usedAfterCollection() {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      return runtime.totalMemory() - runtime.freeMemory();
    }
  }

  /** A cipher. */
  @State(Scope.Benchmark)
  public static class Shared {

    private final FieldCipher cipher =
        FieldCipher.named("growth").keyset(Keyset.generate()).build();
    private final byte[] clear = new byte[256];

    /** Stops its thread. */
    @TearDown
    public void stop() {
      cipher.close();
    }
  }

  /** Encrypts and decrypts. */
  @Benchmark
  public byte[] roundTrip(Shared shared, Heap heap) {
    heap.operations++;
    byte[] sealed = shared.cipher.encrypt(shared.clear, Ciphers.WHERE);
    return shared.cipher.decrypt(sealed, Ciphers.WHERE);
  }
}
