package dev.perfkit.benchmarks.crypto;

import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One field encrypted and decrypted. Tink and the field cipher do the same work: a random nonce, a
 * new array, the same bytes. The bare cipher does less, and shows how much of the time is AES-GCM.
 *
 * <p>Run with {@code java -jar benchmarks/target/benchmarks.jar FieldBenchmark}; {@code -t 2} for
 * two threads.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FieldBenchmark {

  /** Encrypts with the field cipher. */
  @Benchmark
  public byte[] encryptPerfkit(Ciphers peers) {
    return peers.cipher.encrypt(peers.clear, Place.WHERE);
  }

  /** Encrypts with Tink. */
  @Benchmark
  public byte[] encryptTink(Ciphers peers) throws GeneralSecurityException {
    return peers.tink.encrypt(peers.clear, peers.associatedData);
  }

  /** Encrypts with a bare JCE cipher. */
  @Benchmark
  public byte[] encryptBare(BareCipher bare) throws GeneralSecurityException {
    return bare.encrypt();
  }

  /** Decrypts with the field cipher. */
  @Benchmark
  public byte[] decryptPerfkit(Ciphers peers) {
    return peers.cipher.decrypt(peers.sealed, Place.WHERE);
  }

  /** Decrypts with Tink. */
  @Benchmark
  public byte[] decryptTink(Ciphers peers) throws GeneralSecurityException {
    return peers.tink.decrypt(peers.sealed, peers.associatedData);
  }

  /** Decrypts with a bare JCE cipher. */
  @Benchmark
  public byte[] decryptBare(BareCipher bare) throws GeneralSecurityException {
    return bare.decrypt();
  }
}
