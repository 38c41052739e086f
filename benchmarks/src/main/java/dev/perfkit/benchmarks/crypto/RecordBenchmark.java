package dev.perfkit.benchmarks.crypto;

import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.FieldRecord;
import dev.perfkit.crypto.Format;
import dev.perfkit.crypto.Keyset;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The ten secret fields of a row, of 32 bytes each: as one record, built and encrypted, and as ten
 * ciphertexts. Run with both formats, it also compares their single fields.
 *
 * <p>Run with {@code java -jar benchmarks/target/benchmarks.jar RecordBenchmark}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class RecordBenchmark {

  private static final int FIELDS = 10;
  private static final CipherContext ROW = CipherContext.ofTable("users").row(42);

  /** The format that is written. */
  @Param({"TINK", "C1"})
  Format format = Format.TINK;

  private final String[] names = new String[FIELDS];
  private final CipherContext[] places = new CipherContext[FIELDS];
  private final byte[] value = new byte[32];
  private FieldCipher cipher = cipher(Format.TINK);

  /** Names the fields. */
  @Setup
  public void prepare() {
    cipher = cipher(format);
    for (int i = 0; i < FIELDS; i++) {
      names[i] = "field" + i;
      places[i] = ROW.column(names[i]);
    }
  }

  /** Encrypts one field. */
  @Benchmark
  public byte[] oneField() {
    return cipher.encrypt(value, places[0]);
  }

  /** Encrypts ten fields, each for itself. */
  @Benchmark
  public void tenFields(Blackhole sink) {
    for (CipherContext place : places) {
      sink.consume(cipher.encrypt(value, place));
    }
  }

  /** Builds a record of ten fields and encrypts it. */
  @Benchmark
  public byte[] recordOfTen() {
    FieldRecord.Builder builder = FieldRecord.builder();
    for (String name : names) {
      builder.bytes(name, value);
    }
    return cipher.encryptRecord(builder.build(), ROW);
  }

  private static FieldCipher cipher(Format format) {
    return FieldCipher.named("benchmark").keyset(Keyset.generate()).format(format).build();
  }
}
