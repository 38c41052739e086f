package dev.perfkit.benchmarks.crypto;

import java.security.GeneralSecurityException;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * One field encrypted and decrypted. Tink and the field cipher do the same work: a random nonce, a
 * new array, the same bytes. A bare cipher does less, and shows how much of the time is AES-GCM.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class FieldWork {

  /** The peer as one thread uses it. */
  @State(Scope.Thread)
  public static class Mine {

    private Peer peer = new BeforeSetup();
    private byte[] clear = {};
    private byte[] sealed = {};

    /** Encrypts once, so that there is something to decrypt. */
    @Setup
    public void fill(Ciphers ciphers) throws GeneralSecurityException {
      peer = ciphers.ofThread();
      clear = new byte[ciphers.size];
      sealed = peer.encrypt(clear);
    }
  }

  /** Encrypts. */
  @Benchmark
  public byte[] encrypt(Mine mine) throws GeneralSecurityException {
    return mine.peer.encrypt(mine.clear);
  }

  /** Decrypts. */
  @Benchmark
  public byte[] decrypt(Mine mine) throws GeneralSecurityException {
    return mine.peer.decrypt(mine.sealed);
  }

  private record BeforeSetup() implements Peer {

    @Override
    public byte[] encrypt(byte[] clear) {
      throw new IllegalStateException("not started");
    }

    @Override
    public byte[] decrypt(byte[] sealed) {
      throw new IllegalStateException("not started");
    }
  }
}
