package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Proves which level a body gets by type and size where none was chosen, and what never is. */
class FrontierTest {

  @ParameterizedTest
  @CsvSource({
    "zstd, application/json, 1024, 3",
    "zstd, application/json, -1, 3",
    "zstd, text/html, 131071, 3",
    "zstd, text/html, 131072, 1",
    "zstd, application/wasm, 5000, 1",
    "zstd, text/event-stream, -1, 1",
    "br, application/json, 32768, 5",
    "br, application/json, 32769, 4",
    "br, application/json, -1, 4",
    "br, font/ttf, 5000, 4",
    "gzip, text/css, 32768, 6",
    "gzip, text/css, -1, 6",
    "gzip, text/css, 32769, 5",
    "gzip, text/css, 131072, 3",
    "deflate, image/bmp, 5000, 3"
  })
  void level_byTypeAndSize_isOnTheFrontier(String token, String type, long length, int level) {
    assertThat(Frontier.level(coding(token), type, length)).isEqualTo(level);
  }

  @Test
  void chosenLevel_ofBrWithLargeTables_isNotUsedOnSmallBodies() {
    for (int level = 0; level <= 11; level++) {
      int expected = level >= 8 && level <= 10 ? 7 : level;
      assertThat(Frontier.bounded(Coding.BROTLI, level, 50_000)).isEqualTo(expected);
      assertThat(Frontier.bounded(Coding.BROTLI, level, 1 << 20)).isEqualTo(level);
      assertThat(Frontier.bounded(Coding.BROTLI, level, -1)).isEqualTo(expected);
    }
    assertThat(Frontier.bounded(Coding.ZSTD, 9, 50_000)).isEqualTo(9);
  }

  @Test
  void flushedStream_atTheFastestLevels_isNeverOfBrZeroOrOne() {
    try (ResponseCompressor web =
        ResponseCompressor.named("web").prefer(Coding.BROTLI).level(Coding.BROTLI, 0).build()) {
      int length = 0;
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      EncodedStream stream =
          web.stream(
              web.decide(
                  new RequestHead("GET", name -> List.of("br")),
                  ResponseHead.of(
                      200,
                      name -> name.equals("Content-Type") ? List.of("text/event-stream") : null)));
      try (OutputStream out = stream.to(sent)) {
        for (int i = 0; i < 200; i++) {
          byte[] event = Bodies.ascii("data: {\"id\":" + i + ",\"state\":\"active\"}\n\n");
          length += event.length;
          out.write(event);
          out.flush();
        }
      } catch (IOException impossible) {
        throw new AssertionError(impossible);
      }
      // Levels 0 and 1 forget what came before a flush, and make events of this kind longer.
      assertThat(sent.size()).isLessThan(length * 2 / 3);
    }
  }

  private static Coding coding(String token) {
    for (Coding coding : Coding.builtIn()) {
      if (coding.token().equals(token)) {
        return coding;
      }
    }
    throw new AssertionError(token);
  }
}
