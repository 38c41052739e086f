package dev.perfkit.compress;

import dev.perfkit.compress.BodyEncoder.Goal;
import org.jspecify.annotations.Nullable;

/** A codec that encodes nothing sensible, does something first, and fails when told to. */
final class FailingCodec implements Codec {

  volatile @Nullable RuntimeException failure;
  private final Runnable first;

  FailingCodec(Runnable first) {
    this.first = first;
  }

  @Override
  public Coding coding() {
    return Coding.GZIP;
  }

  @Override
  public Encoder newEncoder(boolean checksum) {
    return new Encoder(100, 100) {
      @Override
      void begin(long length, int level) {
        first.run();
        if (failure != null) {
          throw failure;
        }
      }

      @Override
      void feed() {
        if (failure != null) {
          throw failure;
        }
      }

      @Override
      boolean step(Goal goal) {
        in.position(in.limit());
        return true;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Encoder newStreamEncoder() {
    return newEncoder(false);
  }
}
