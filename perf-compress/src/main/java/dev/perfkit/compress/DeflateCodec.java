package dev.perfkit.compress;

/** The zlib format (RFC 1950) over the JDK's zlib. */
enum DeflateCodec implements Codec {
  INSTANCE;

  @Override
  public Coding coding() {
    return Coding.DEFLATE;
  }

  /** Returns an encoder; zlib always carries a checksum. */
  @Override
  public Encoder newEncoder(boolean checksum) {
    return new ZlibEncoder(Encoder.PIECE);
  }

  @Override
  public Encoder newStreamEncoder() {
    return new ZlibEncoder(Encoder.STREAM_PIECE);
  }

  private static final class ZlibEncoder extends DeflaterEncoder {

    ZlibEncoder(int piece) {
      super(piece, false);
    }

    @Override
    boolean end() {
      return true;
    }
  }
}
