package dev.perfkit.compress;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/** Bodies for tests, and decoders that are not ours. */
final class Bodies {

  private Bodies() {}

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

  /** Returns bytes that do not shrink, the same for the same length. */
  static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /** Decodes by the JDK's stream. */
  static byte[] gunzip(byte[] encoded) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(encoded))) {
      return in.readAllBytes();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
