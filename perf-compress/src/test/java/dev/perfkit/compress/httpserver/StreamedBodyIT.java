package dev.perfkit.compress.httpserver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Proves bodies that are encoded as they come, on the JDK's real server. */
class StreamedBodyIT extends FilterFixture {

  @Test
  void get_bodyOverTheLimit_isEncodedAsItComes() throws Exception {
    byte[] large = JSON_LINE.repeat(SMALL_LIMIT / JSON_LINE.length() + 1).getBytes(US_ASCII);
    assertThat(large).hasSizeGreaterThan(SMALL_LIMIT);
    for (long length : new long[] {large.length, 0}) {
      serve(exchange -> send(exchange, large, length));
      HttpResponse<byte[]> response = get("gzip");
      assertThat(gunzip(response.body())).isEqualTo(large);
      assertThat(response.headers().allValues("Content-Encoding")).containsExactly("gzip");
      assertThat(response.headers().firstValue("Content-Length")).isEmpty();
      assertThat(response.headers().allValues("Vary")).containsExactly("Accept-Encoding");
    }
  }

  @Test
  void get_events_arriveEventByEvent() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    serve(
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write("data: 1\n\n".getBytes(US_ASCII));
            out.flush();
            await(seen);
            out.write("data: 2\n\n".getBytes(US_ASCII));
          }
        });
    try (InputStream in = stream("gzip")) {
      assertThat(in.readNBytes(9)).asString(US_ASCII).isEqualTo("data: 1\n\n");
      seen.countDown();
      assertThat(in.readAllBytes()).asString(US_ASCII).isEqualTo("data: 2\n\n");
    }
  }

  @Test
  void get_handlerFailsInTheMidstOfAStream_leavesItCut() throws Exception {
    serve(
        exchange -> {
          head(exchange, 0);
          exchange.getResponseBody().write(JSON);
          exchange.getResponseBody().flush();
          throw new IOException("out of luck");
        });
    String response = raw("GET", "Accept-Encoding: gzip");
    assertThat(response).contains("Content-encoding: gzip").contains("chunked");
    assertThat(response).as("no last chunk").doesNotEndWith("0\r\n\r\n");
    assertNoStreamIsLeft();
  }

  /** A client may see the end of a response before the server's thread is through with it. */
  private void assertNoStreamIsLeft() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(telemetry.value("compress.streams", "compressor", "it")).isZero());
  }

  @Test
  void get_handlerClosesTheExchangeOfAStream_endsIt() throws Exception {
    serve(
        exchange -> {
          head(exchange, 0);
          exchange.getResponseBody().write(JSON);
          exchange.getResponseBody().flush();
          exchange.close();
        });
    assertThat(gunzip(get("gzip").body())).isEqualTo(JSON);
    assertNoStreamIsLeft();
  }

  @Test
  void get_bodyFlushedBeforeItsEnd_arrivesWhenItIsFlushed() throws Exception {
    CountDownLatch firstSeen = new CountDownLatch(1);
    serve(
        exchange -> {
          head(exchange, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(JSON);
            out.flush();
            await(firstSeen);
            out.write(JSON);
          }
        });
    try (InputStream in = stream("gzip")) {
      assertThat(in.readNBytes(JSON.length)).isEqualTo(JSON);
      firstSeen.countDown();
      assertThat(in.readAllBytes()).isEqualTo(JSON);
    }
  }
}
