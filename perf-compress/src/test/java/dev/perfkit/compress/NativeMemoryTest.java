package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves of each coding that the memory of the process stays flat over many responses, whole ones,
 * streams and aborted streams of several sizes, and that no context is left. A build does some
 * thousands; {@code -Dperfkit.compress.responses=1000000} does as many as are named.
 */
class NativeMemoryTest {

  private static final int RESPONSES = Integer.getInteger("perfkit.compress.responses", 5_000);
  private static final int WARM_UP = Math.max(2_000, RESPONSES / 5);
  private static final long MEBIBYTE = 1 << 20;

  /** Contexts are counted besides: this is for what they would not give back. */
  private static final long TOLERANCE = 48 * MEBIBYTE;

  private static final Path STATUS = Path.of("/proc/self/status");
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

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "zstd", "br"})
  void memory_overManyResponses_staysFlat(String coding) throws IOException {
    Assumptions.assumeTrue(Files.isReadable(STATUS), "the process must tell its memory");
    respond(coding, WARM_UP);
    long more = Long.MAX_VALUE;
    for (int round = 0; round < 4 && more >= TOLERANCE; round++) {
      more = growth(coding);
    }
    assertThat(more).as("bytes more").isLessThan(TOLERANCE);
    // One thread needs one context, which is kept; streams have none left.
    assertThat(compressor.openContexts()).isLessThanOrEqualTo(1);
    compressor.close();
    assertThat(compressor.openContexts()).isZero();
  }

  /** A heap that is still growing stops growing; what leaks goes on. */
  private long growth(String coding) throws IOException {
    long before = residentBytes();
    int contextsBefore = compressor.openContexts();
    respond(coding, RESPONSES);
    long after = residentBytes();
    System.out.printf(
        "%s, %d responses: resident %d MiB before and %d MiB after, contexts %d before and %d after%n",
        coding,
        RESPONSES,
        before / MEBIBYTE,
        after / MEBIBYTE,
        contextsBefore,
        compressor.openContexts());
    return after - before;
  }

  private void respond(String coding, int responses) throws IOException {
    for (int i = 0; i < responses; i++) {
      byte[] body = BODIES.get(i % 4);
      RequestHead request = request(coding, i % 7 == 0 ? "/padded" : "/");
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
