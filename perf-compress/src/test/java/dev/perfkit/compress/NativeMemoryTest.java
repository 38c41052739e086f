package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Proves that the memory of the process stays flat over many responses, whole ones, streams and
 * aborted streams of each coding and size, and that no context is left. A build does some
 * thousands; {@code -Dperfkit.compress.responses=1000000} does as many as are named.
 */
class NativeMemoryTest {

  private static final int RESPONSES = Integer.getInteger("perfkit.compress.responses", 20_000);
  private static final int WARM_UP = Math.max(8_000, RESPONSES / 5);
  private static final long MEBIBYTE = 1 << 20;

  /** Far under what leaking one context in a hundred would take. */
  private static final long TOLERANCE = 48 * MEBIBYTE;

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final List<String> CODINGS = List.of("gzip", "zstd", "br", "deflate");
  private static final List<byte[]> BODIES =
      List.of(Bodies.text(1_500), Bodies.text(10_000), Bodies.noise(3_000), Bodies.text(70_000));

  private final ResponseCompressor compressor =
      ResponseCompressor.named("web")
          .prefer(Coding.ZSTD, Coding.BROTLI, Coding.GZIP, Coding.DEFLATE)
          .route("/padded", RoutePolicy.padded())
          .build();

  @AfterEach
  void close() {
    compressor.close();
  }

  @Test
  void memory_overManyResponses_staysFlat() throws IOException {
    Assumptions.assumeTrue(Files.isReadable(STATUS), "the process must tell its memory");
    respond(WARM_UP);
    long more = Long.MAX_VALUE;
    for (int round = 0; round < 4 && more >= TOLERANCE; round++) {
      more = growth();
    }
    assertThat(more).as("bytes more").isLessThan(TOLERANCE);
    // Kept contexts only: two for each processor and coding, at least four.
    assertThat(compressor.openContexts()).isLessThanOrEqualTo(4 * ContextPool.defaultMaximum());
    compressor.close();
    assertThat(compressor.openContexts()).isZero();
  }

  /** A heap that is still growing stops growing; what leaks goes on. */
  private long growth() throws IOException {
    long before = residentBytes();
    respond(RESPONSES);
    long after = residentBytes();
    System.out.printf(
        "%d responses: %d MiB before, %d MiB after%n",
        RESPONSES, before / MEBIBYTE, after / MEBIBYTE);
    return after - before;
  }

  private void respond(int responses) throws IOException {
    for (int i = 0; i < responses; i++) {
      byte[] body = BODIES.get(i / 4 % 4);
      RequestHead request = request(CODINGS.get(i % 4), i % 7 == 0 ? "/padded" : "/");
      switch (i % 16 / 4) {
        case 1 -> stream(request, body, false);
        case 2 -> stream(request, body, true);
        default -> compressor.compress(request, head(), body);
      }
    }
  }

  private void stream(RequestHead request, byte[] body, boolean aborted) throws IOException {
    EncodedStream stream = compressor.stream(compressor.decide(request, head()));
    OutputStream out = stream.to(OutputStream.nullOutputStream());
    out.write(body);
    out.flush();
    if (aborted) {
      stream.abort();
    } else {
      out.close();
    }
  }

  private static long residentBytes() throws IOException {
    System.gc();
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }

  private static RequestHead request(String coding, String path) {
    return new RequestHead(
        "GET", name -> name.equals("Accept-Encoding") ? List.of(coding) : null, path);
  }

  private static ResponseHead head() {
    return ResponseHead.of(
        200, name -> name.equals("Content-Type") ? List.of("application/json") : null);
  }
}
