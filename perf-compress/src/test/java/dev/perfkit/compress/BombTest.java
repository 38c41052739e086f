package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder.Parameters;
import com.github.luben.zstd.ZstdOutputStream;
import com.sun.management.ThreadMXBean;
import dev.perfkit.spi.ByteSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves that bodies of requests which decode to as many bytes as their coding can make of one are
 * stopped, alone and over one another, and that what the thread allocates for them is bounded by
 * the limits, whatever they would have become.
 */
class BombTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final long MEBIBYTE = 1 << 20;

  /** Buffers of streams; nothing that grows with the body. */
  private static final long BUFFERS = MEBIBYTE;

  /** So much is behind each bomb. */
  private static final long ZEROS = 64 * MEBIBYTE;

  /** So much takes br to come to its full ratio. */
  private static final long ZEROS_OF_BR = 512 * MEBIBYTE;

  private static final Map<String, byte[]> BOMBS = new HashMap<>();

  @ParameterizedTest
  @CsvSource({"gzip, 1000", "deflate, 1000", "zstd, 30000", "br, 1000000"})
  void bomb_ofFullRatio_isStoppedByItsRatio(String coding, int ratio) {
    byte[] bomb = bomb(coding);
    assertThat(zeros(coding) / bomb.length).as("ratio").isGreaterThanOrEqualTo(ratio);
    Outcome outcome = read(RequestDecoder.create(), coding, bomb);
    assertThat(outcome.message()).contains("413 request body must decode to at most 100 times");
    assertThat(outcome.read()).isLessThanOrEqualTo(100L * bomb.length + 128 * 1024);
    assertThat(outcome.allocated()).isLessThan(BUFFERS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "zstd", "br"})
  void bomb_withoutALimitOfRatio_isStoppedByItsSize(String coding) {
    RequestDecoder decoder = RequestDecoder.builder().maximumRatio(Integer.MAX_VALUE).build();
    Outcome outcome = read(decoder, coding, bomb(coding));
    assertThat(outcome.message()).isEqualTo(tooLarge(10 * MEBIBYTE));
    assertThat(outcome.read()).isLessThanOrEqualTo(10 * MEBIBYTE);
    assertThat(outcome.allocated()).as("less than was decoded").isLessThan(4 * MEBIBYTE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "zstd", "br"})
  void bomb_inEachOtherCoding_isStoppedByItsRatio(String outer) {
    RequestDecoder four = RequestDecoder.builder().maximumLayers(4).build();
    for (String inner : List.of("gzip", "deflate", "zstd", "br")) {
      byte[] twice = encode(outer, bomb(inner));
      assertNested(read(four, inner + ", " + outer, twice));
      byte[] fourTimes = encode(inner, encode(outer, twice));
      assertNested(read(four, String.join(", ", inner, outer, outer, inner), fourTimes));
    }
  }

  private static void assertNested(Outcome outcome) {
    assertThat(outcome.message()).contains("413 request body must decode to at most 100 times");
    assertThat(outcome.allocated()).isLessThan(4 * BUFFERS);
  }

  /** The coding within skips all of it, so that nothing ever comes out of the last. */
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "zstd", "br"})
  void bomb_ofWhatTheNextCodingSkips_isStopped(String outer) {
    RequestDecoder two = RequestDecoder.builder().maximumLayers(2).build();
    byte[] skipped = encoded(outer, BombTest::writeSkippable);
    Outcome byRatio = read(two, "zstd, " + outer, skipped);
    assertThat(byRatio.message()).contains("413 request body must decode to at most 100 times");
    assertThat(byRatio.read()).isZero();
    assertThat(byRatio.allocated()).isLessThan(BUFFERS);

    RequestDecoder anyRatio =
        RequestDecoder.builder().maximumLayers(2).maximumRatio(Integer.MAX_VALUE).build();
    Outcome bySize = read(anyRatio, "zstd, " + outer, skipped);
    assertThat(bySize.message()).isEqualTo(tooLarge(10 * MEBIBYTE));
    assertThat(bySize.allocated()).isLessThan(4 * MEBIBYTE);
  }

  @Test
  void bombs_manyAtOnce_takeNoMoreMemoryThanAllMay() throws IOException {
    RequestDecoder two = RequestDecoder.builder().maximumMemory(ByteSize.ofMebibytes(33)).build();
    try (InputStream first = decode(two, "br", bomb("br"));
        InputStream second = decode(two, "br", bomb("br"))) {
      assertThat(first.read()).isZero();
      assertThat(second.read()).isZero();
      assertThat(read(two, "br", bomb("br")).message()).startsWith("503");
    }
    assertThat(read(two, "br", bomb("br")).message()).startsWith("413");
  }

  @Test
  void refusal_once_isThatOfEveryLaterRead() throws IOException {
    try (InputStream in = decode(RequestDecoder.create(), "zstd", bomb("zstd"))) {
      byte[] buffer = new byte[8192];
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> in.transferTo(OutputStream.nullOutputStream()))
            .isInstanceOf(RequestRefusedException.class)
            .hasMessageContaining("100 times its size");
        assertThatThrownBy(() -> in.read(buffer)).isInstanceOf(RequestRefusedException.class);
      }
    }
  }

  /**
   * What became of a body.
   *
   * @param message of the refusal, after its status
   * @param read bytes that came out
   * @param allocated bytes of the heap, by the reading thread
   */
  private record Outcome(String message, long read, long allocated) {}

  private static Outcome read(RequestDecoder decoder, String codings, byte[] body) {
    byte[] buffer = new byte[8192];
    long read = 0;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    String message = "";
    try (InputStream in = decode(decoder, codings, body)) {
      for (int now = in.read(buffer); now >= 0; now = in.read(buffer)) {
        read += now;
      }
    } catch (RequestRefusedException refused) {
      message = refused.status() + " " + refused.getMessage();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return new Outcome(message, read, THREADS.getCurrentThreadAllocatedBytes() - before);
  }

  private static InputStream decode(RequestDecoder decoder, String codings, byte[] body)
      throws IOException {
    return decoder.decode(List.of(codings), new ByteArrayInputStream(body));
  }

  private static String tooLarge(long most) {
    return "413 decoded request body must have at most " + most + " bytes but has more";
  }

  /** Returns zeros in a coding at its best, made once. */
  private static byte[] bomb(String coding) {
    return BOMBS.computeIfAbsent(
        coding, absent -> encoded(absent, out -> writeZeros(out, zeros(absent))));
  }

  private static long zeros(String coding) {
    return coding.equals("br") ? ZEROS_OF_BR : ZEROS;
  }

  private static byte[] encode(String coding, byte[] body) {
    return encoded(coding, out -> out.write(body));
  }

  private interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  private static void writeZeros(OutputStream out, long length) throws IOException {
    byte[] zeros = new byte[(int) MEBIBYTE];
    for (long written = 0; written < length; written += zeros.length) {
      out.write(zeros);
    }
  }

  /** Writes a frame of zstd that decoders skip, and an empty one after it. */
  private static void writeSkippable(OutputStream out) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    out.write(head.putInt(0x184d2a50).putInt((int) ZEROS).array());
    writeZeros(out, ZEROS);
    out.write(com.github.luben.zstd.Zstd.compress(new byte[0]));
  }

  /** Encodes by the libraries' own streams, piece by piece. */
  private static byte[] encoded(String coding, Body body) {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (OutputStream out = encoding(coding, encoded)) {
      body.writeTo(out);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return encoded.toByteArray();
  }

  private static OutputStream encoding(String coding, OutputStream to) throws IOException {
    return switch (coding) {
      case "gzip" -> new GZIPOutputStream(to);
      case "deflate" -> new DeflaterOutputStream(to, new Deflater(Deflater.DEFAULT_COMPRESSION));
      case "zstd" -> new ZstdOutputStream(to, 1);
      case "br" -> new BrotliOutputStream(to, Parameters.create(5, 24));
      default -> throw new IllegalArgumentException(coding);
    };
  }
}
