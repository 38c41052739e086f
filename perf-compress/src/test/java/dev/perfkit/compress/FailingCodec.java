package dev.perfkit.compress;

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
  public int minLevel() {
    return 1;
  }

  @Override
  public int maxLevel() {
    return 9;
  }

  @Override
  public Encoder newEncoder(boolean checksum) {
    return new Encoder(100) {
      @Override
      void begin(byte[] body, int level) {
        first.run();
        if (failure != null) {
          throw failure;
        }
      }

      @Override
      boolean step(boolean last) {
        in.position(in.limit());
        return last;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Decoder newDecoder() {
    throw new UnsupportedOperationException("not of this test");
  }
}
