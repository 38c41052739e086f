package dev.perfkit.compress;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.brotli.dec.BrotliInputStream;

/** Bodies for tests, and decoders that are not ours. */
final class Bodies {

  private Bodies() {}

  /** Returns the built-in codings but identity. */
  static List<Coding> encodings() {
    return Coding.builtIn().subList(1, Coding.builtIn().size());
  }

  /** Returns text that shrinks well, the same for the same length. */
  static byte[] text(int length) {
    Random random = new Random(length);
    StringBuilder text = new StringBuilder(length + 80);
    while (text.length() < length) {
      text.append("{\"id\":")
          .append(random.nextInt(1_000_000))
          .append(",\"state\":\"active\",\"mail\":\"user@example.org\"}\n");
    }
    return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the rules of weak tags over these codings. */
  static TagRules weakTags(Coding... offered) {
    return new TagRules(
        EntityTagPolicy.WEAK, List.of(offered), Coding::defaultLevel, coding -> "00000000");
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static String text(byte[] ascii) {
    return new String(ascii, StandardCharsets.US_ASCII);
  }

  /** Returns bytes that do not shrink, the same for the same length. */
  static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /** Decodes by the JDK's stream. */
  static byte[] gunzip(byte[] encoded) {
    return decode(Coding.GZIP, encoded);
  }

  /** Decodes by decoders that are not ours; for br by one that is not of the encoder either. */
  static byte[] decode(Coding coding, byte[] encoded) {
    try (InputStream in = decoding(coding, new ByteArrayInputStream(encoded))) {
      return in.readAllBytes();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Returns a stream that decodes. */
  static InputStream decoding(Coding coding, InputStream in) throws IOException {
    return switch (coding.token()) {
      case "gzip" -> new GZIPInputStream(in);
      case "deflate" -> new InflaterInputStream(in);
      case "br" -> new BrotliInputStream(in);
      case "zstd" -> new ZstdInputStream(in);
      default -> in;
    };
  }
}
