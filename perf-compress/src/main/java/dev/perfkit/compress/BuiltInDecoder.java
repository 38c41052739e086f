package dev.perfkit.compress;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.perfkit.spi.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** The decoders of the built-in codings. */
enum BuiltInDecoder implements BodyDecoder {
  GZIP(64) {
    @Override
    InputStream decode(InputStream encoded) {
      return new GzipMembers(encoded);
    }
  },
  DEFLATE(64) {
    @Override
    InputStream decode(InputStream encoded) {
      return new Zlib(encoded);
    }
  },
  ZSTD(8 * 1024) {
    @Override
    InputStream decode(InputStream encoded) throws IOException {
      return Zstd.decoding(encoded);
    }
  },
  BROTLI(16 * 1024) {
    @Override
    InputStream decode(InputStream encoded) throws IOException {
      return Brotli.decoding(encoded);
    }
  };

  private static final int BUFFER = 8192;

  private final int kibibytes;

  BuiltInDecoder(int kibibytes) {
    this.kibibytes = kibibytes;
  }

  /** Returns the decoder of a built-in coding but identity. */
  static BodyDecoder of(Coding coding) {
    return switch (coding.token()) {
      case "gzip" -> GZIP;
      case "deflate" -> DEFLATE;
      case "zstd" -> ZSTD;
      case "br" -> BROTLI;
      default -> throw new IllegalArgumentException("no decoder of " + coding);
    };
  }

  @Override
  public ByteSize memory() {
    return ByteSize.ofKibibytes(kibibytes);
  }

  @Override
  public InputStream decode(InputStream encoded, ByteSize maximumSize) throws IOException {
    return decode(encoded);
  }

  abstract InputStream decode(InputStream encoded) throws IOException;

  /** The JDK's stream ends as if it were complete where a body asks for a dictionary. */
  private static final class Zlib extends InflaterInputStream {

    Zlib(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      if (read < 0 && inf.needsDictionary()) {
        throw new ZipException("needs a dictionary");
      }
      return read;
    }
  }

  /** Apart, because the library may be absent. */
  private static final class Zstd {

    static InputStream decoding(InputStream in) throws IOException {
      ZstdInputStreamNoFinalizer decoding = new ZstdInputStreamNoFinalizer(in);
      decoding.setLongMax(ZstdCodec.MAX_WINDOW_LOG);
      return decoding;
    }
  }

  /** Apart, because the library may be absent. */
  private static final class Brotli {

    static InputStream decoding(InputStream in) throws IOException {
      return new BrotliInputStream(in, BUFFER);
    }
  }
}
