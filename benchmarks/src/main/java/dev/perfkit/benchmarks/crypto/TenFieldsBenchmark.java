package dev.perfkit.benchmarks.crypto;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.RegistryConfiguration;
import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.FieldRecord;
import dev.perfkit.crypto.Format;
import dev.perfkit.crypto.Keyset;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * Ten fields of 32 bytes of one row: as one record, and one by one as the field cipher and Tink do
 * it.
 *
 * <p>Run with {@code java -jar benchmarks/target/benchmarks.jar crypto.TenFields}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TenFieldsBenchmark {

  /** A row and its ciphers. */
  @State(Scope.Benchmark)
  public static class Row {

    private static final int FIELDS = 10;
    private static final String[] NAMES =
        IntStream.range(0, FIELDS).mapToObj(i -> "c" + i).toArray(String[]::new);

    private final CipherContext whole = CipherContext.ofTable("users").row("42");
    private final CipherContext[] contexts =
        IntStream.range(0, FIELDS)
            .mapToObj(i -> CipherContext.ofTable("users").column(NAMES[i]).row("42"))
            .toArray(CipherContext[]::new);
    private final byte[][] associatedData =
        IntStream.range(0, FIELDS)
            .mapToObj(i -> contexts[i].toAssociatedData())
            .toArray(byte[][]::new);
    private final byte[] clear = new byte[32];
    private final FieldRecord record = record();
    private final Keyset keyset = Keyset.generate();
    private final Aead tink = tink(keyset);
    private FieldCipher cipher = FieldCipher.named("row").keyset(keyset).build();

    /** The format that is written; Tink has but one. */
    @Param({"TINK", "C1"})
    Format format = Format.TINK;

    /** Makes the cipher. */
    @Setup
    public void start() {
      cipher.close();
      cipher = FieldCipher.named("row").keyset(keyset).format(format).build();
    }

    /** Stops the cipher's thread. */
    @TearDown
    public void stop() {
      cipher.close();
    }

    private FieldRecord record() {
      FieldRecord.Builder fields = FieldRecord.builder();
      for (int i = 0; i < FIELDS; i++) {
        fields.bytes(NAMES[i], clear);
      }
      return fields.build();
    }

    private static Aead tink(Keyset keyset) {
      try {
        return keyset.toTink().getPrimitive(RegistryConfiguration.get(), Aead.class);
      } catch (GeneralSecurityException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }

  /** Encrypts one field. */
  @Benchmark
  public byte[] field(Row row) {
    return row.cipher.encrypt(row.clear, row.contexts[0]);
  }

  /** Encrypts one record of ten fields that is there already. */
  @Benchmark
  public byte[] record(Row row) {
    return row.cipher.encryptRecord(row.record, row.whole);
  }

  /** Puts one record of ten fields together and encrypts it. */
  @Benchmark
  public byte[] recordFromValues(Row row) {
    return row.cipher.encryptRecord(row.record(), row.whole);
  }

  /** Encrypts ten fields one by one. */
  @Benchmark
  public void fields(Row row, Blackhole blackhole) {
    for (CipherContext where : row.contexts) {
      blackhole.consume(row.cipher.encrypt(row.clear, where));
    }
  }

  /** Encrypts ten fields one by one with Tink. */
  @Benchmark
  public void tinkFields(Row row, Blackhole blackhole) throws GeneralSecurityException {
    for (byte[] associatedData : row.associatedData) {
      blackhole.consume(row.tink.encrypt(row.clear, associatedData));
    }
  }
}
