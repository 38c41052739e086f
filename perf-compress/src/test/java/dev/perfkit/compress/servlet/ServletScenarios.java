package dev.perfkit.compress.servlet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import dev.perfkit.compress.EntityTagPolicy;
import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.testkit.RecordingTelemetry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What must hold in every servlet container; a subclass starts one. */
abstract class ServletScenarios {

  private static final String LINE = "{\"id\":4711,\"state\":\"active\"}\n";
  private static final byte[] JSON = LINE.repeat(400).getBytes(US_ASCII);
  private static final int LIMIT = 100_000;

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final ResponseCompressor compressor =
      ResponseCompressor.named("it")
          .telemetry(telemetry)
          .entityTagPolicy(EntityTagPolicy.SUFFIX)
          .build();
  private volatile @Nullable Handler handler;
  private int port;

  interface Handler {
    void handle(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException;
  }

  /** Starts a container on a free port of loopback, and returns the port. */
  abstract int start(CompressionServletFilter filter, HttpServlet servlet) throws Exception;

  abstract void stop() throws Exception;

  @BeforeEach
  void startContainer() throws Exception {
    port =
        start(
            CompressionServletFilter.of(compressor, ByteSize.ofBytes(LIMIT))
                .decoding(RequestDecoder.create()),
            new Handled());
  }

  @AfterEach
  void stopContainer() throws Exception {
    stop();
    compressor.close();
  }

  /** Passes on to what the test wants. */
  private final class Handled extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws ServletException, IOException {
      Handler now = handler;
      if (now != null) {
        now.handle(request, response);
      }
    }
  }

  @Test
  void wholeBody_anyWayWritten_isEncodedWithItsExactLength() throws Exception {
    handler = (request, response) -> json(response).getOutputStream().write(JSON);
    assertEncodedWhole();
    handler =
        (request, response) -> {
          json(response).setContentLength(JSON.length);
          response.getOutputStream().write(JSON);
        };
    assertEncodedWhole();
    handler =
        (request, response) -> {
          json(response).setHeader("Content-Length", String.valueOf(JSON.length));
          response.getOutputStream().write(JSON);
          response.getOutputStream().close();
        };
    assertEncodedWhole();
    handler = (request, response) -> json(response).getWriter().print(new String(JSON, US_ASCII));
    assertEncodedWhole();
  }

  private void assertEncodedWhole() throws Exception {
    HttpResponse<byte[]> gzip = get("gzip");
    assertThat(gunzip(gzip.body())).isEqualTo(JSON);
    assertThat(gzip.headers().allValues("Content-Encoding")).containsExactly("gzip");
    assertThat(gzip.headers().allValues("Content-Length"))
        .containsExactly(String.valueOf(gzip.body().length));
    assertThat(gzip.headers().allValues("Vary")).containsExactly("Accept-Encoding");
    HttpResponse<byte[]> zstd = get("zstd, gzip");
    assertThat(new ZstdInputStream(new ByteArrayInputStream(zstd.body())).readAllBytes())
        .isEqualTo(JSON);
    HttpResponse<byte[]> identity = get(null);
    assertThat(identity.body()).isEqualTo(JSON);
    assertThat(identity.headers().allValues("Content-Length"))
        .containsExactly(String.valueOf(JSON.length));
    assertThat(identity.headers().allValues("Vary")).containsExactly("Accept-Encoding");
  }

  @Test
  void headers_ofTheIdentityBody_areGoneOrOfTheEncodedOne() throws Exception {
    handler =
        (request, response) -> {
          json(response).setHeader("ETag", "\"v1\"");
          response.setHeader("Accept-Ranges", "bytes");
          response.addHeader("Vary", "Origin");
          response.setHeader("Repr-Digest", "sha-256=:x:");
          response.setDateHeader("Last-Modified", 1_000_000);
          assertThat(response.getHeader("ETag")).isEqualTo("\"v1\"");
          assertThat(response.containsHeader("accept-ranges")).isTrue();
          assertThat(response.getHeaderNames()).contains("ETag", "Vary");
          response.getOutputStream().write(JSON);
        };
    HttpResponse<byte[]> encoded = get("gzip");
    assertThat(encoded.headers().firstValue("ETag").orElseThrow()).matches("\"v1--gzip-6-.*\"");
    assertThat(encoded.headers().firstValue("Accept-Ranges")).isEmpty();
    assertThat(encoded.headers().firstValue("Repr-Digest")).isEmpty();
    assertThat(encoded.headers().firstValue("Last-Modified"))
        .contains("Thu, 1 Jan 1970 00:16:40 GMT");
    assertThat(String.join(", ", encoded.headers().allValues("Vary")))
        .isEqualTo("Origin, Accept-Encoding");
    HttpResponse<byte[]> identity = get(null);
    assertThat(identity.headers().firstValue("ETag")).contains("\"v1\"");
    assertThat(identity.headers().firstValue("Accept-Ranges")).contains("bytes");
  }

  @Test
  void conditionalGet_ofWhatTheClientHolds_is304WithoutABody() throws Exception {
    handler =
        (request, response) -> {
          json(response).setHeader("ETag", "\"v1\"");
          response.setContentLength(JSON.length);
          response.getOutputStream().write(JSON);
        };
    String tag = get("gzip").headers().firstValue("ETag").orElseThrow();
    String notModified = raw("GET", "Accept-Encoding: gzip", "If-None-Match: " + tag);
    assertThat(notModified).startsWith("HTTP/1.1 304").contains(tag).endsWith("\r\n\r\n");
    assertThat(notModified.toLowerCase(java.util.Locale.ROOT))
        .doesNotContain("content-length")
        .doesNotContain("content-encoding");
  }

  @Test
  void head_always_hasTheHeadOfGetWithoutALengthOfIdentity() throws Exception {
    handler =
        (request, response) -> {
          json(response).setContentLength(JSON.length);
          if (!request.getMethod().equals("HEAD")) {
            response.getOutputStream().write(JSON);
          }
        };
    String head = raw("HEAD", "Accept-Encoding: gzip").toLowerCase(java.util.Locale.ROOT);
    assertThat(head)
        .contains("content-encoding: gzip")
        .contains("vary: accept-encoding")
        .doesNotContain("content-length: " + JSON.length)
        .endsWith("\r\n\r\n");
    assertThat(raw("HEAD").toLowerCase(java.util.Locale.ROOT))
        .contains("content-length: " + JSON.length);
  }

  @Test
  void statusWithoutBody_always_staysWithoutOne() throws Exception {
    for (int status : new int[] {204, 304}) {
      handler = (request, response) -> response.setStatus(status);
      String answer = raw("GET", "Accept-Encoding: gzip").toLowerCase(java.util.Locale.ROOT);
      assertThat(answer).startsWith("http/1.1 " + status).doesNotContain("content-length");
    }
  }

  @Test
  void largeBody_overTheLimit_isEncodedAsItComes() throws Exception {
    byte[] large = LINE.repeat(LIMIT / LINE.length() + 1).getBytes(US_ASCII);
    handler =
        (request, response) -> {
          json(response).setContentLength(large.length);
          response.getOutputStream().write(large);
        };
    HttpResponse<byte[]> response = get("gzip");
    assertThat(gunzip(response.body())).isEqualTo(large);
    assertThat(response.headers().firstValueAsLong("Content-Length").orElse(response.body().length))
        .as("the container's own, if what was sent fits its buffer")
        .isEqualTo(response.body().length);
    assertThat(get(null).body()).isEqualTo(large);
    assertNoStreamIsLeft();
  }

  @Test
  void events_flushed_arriveEventByEvent() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    handler =
        (request, response) -> {
          response.setContentType("text/event-stream");
          response.getWriter().print("data: 1\n\n");
          response.getWriter().flush();
          await(seen);
          response.getWriter().print("data: 2\n\n");
          response.flushBuffer();
        };
    HttpResponse<InputStream> response =
        HttpClient.newHttpClient()
            .send(request("gzip").build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream in = new GZIPInputStream(response.body())) {
      assertThat(in.readNBytes(9)).asString(US_ASCII).isEqualTo("data: 1\n\n");
      seen.countDown();
      assertThat(in.readAllBytes()).asString(US_ASCII).isEqualTo("data: 2\n\n");
    }
    assertNoStreamIsLeft();
  }

  @Test
  void servletFails_withBodyHeldBack_sendsAnErrorAndNothingOfTheBody() throws Exception {
    handler =
        (request, response) -> {
          json(response).getOutputStream().write(JSON);
          throw new ServletException("out of luck");
        };
    HttpResponse<byte[]> response = get("gzip");
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(new String(response.body(), US_ASCII)).doesNotContain("4711");
    assertThat(response.headers().firstValue("ETag")).isEmpty();
  }

  @Test
  void servletFails_inTheMidstOfAStream_leavesItCut() throws Exception {
    handler =
        (request, response) -> {
          json(response).getOutputStream().write(JSON);
          response.flushBuffer();
          throw new ServletException("out of luck");
        };
    String response = raw("GET", "Accept-Encoding: gzip");
    assertThat(response).startsWith("HTTP/1.1 200").doesNotEndWith("0\r\n\r\n");
    assertNoStreamIsLeft();
  }

  @Test
  void sendError_afterABodyWasBegun_forgetsIt() throws Exception {
    handler =
        (request, response) -> {
          json(response).getOutputStream().write(JSON);
          response.sendError(404, "nothing here");
        };
    HttpResponse<byte[]> response = get("gzip");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(new String(response.body(), US_ASCII)).doesNotContain("4711");
  }

  @Test
  void redirectAndReset_forgetTheBody() throws Exception {
    handler =
        (request, response) -> {
          json(response).getOutputStream().write(JSON);
          response.sendRedirect("/elsewhere");
        };
    assertThat(raw("GET", "Accept-Encoding: gzip")).startsWith("HTTP/1.1 302");
    handler =
        (request, response) -> {
          json(response).getOutputStream().write(new byte[50]);
          response.reset();
          json(response).getWriter().print(new String(JSON, US_ASCII));
        };
    assertThat(gunzip(get("gzip").body())).isEqualTo(JSON);
  }

  @Test
  void async_completedByAnotherThread_isEncodedWhole() throws Exception {
    handler =
        (request, response) -> {
          AsyncContext async = request.startAsync();
          async.start(
              () -> {
                try {
                  json((HttpServletResponse) async.getResponse()).getOutputStream().write(JSON);
                } catch (IOException failure) {
                  throw new IllegalStateException(failure);
                }
                request.getAsyncContext().complete();
              });
        };
    HttpResponse<byte[]> response = get("gzip");
    assertThat(gunzip(response.body())).isEqualTo(JSON);
    assertThat(response.headers().firstValueAsLong("Content-Length"))
        .hasValue(response.body().length);
  }

  @Test
  void async_dispatched_isEncodedOnce() throws Exception {
    handler =
        (request, response) -> {
          if (request.getAttribute("again") == null) {
            request.setAttribute("again", true);
            json(response).getOutputStream().write(JSON);
            request.startAsync().dispatch();
          } else {
            response.getOutputStream().write(JSON);
          }
        };
    assertThat(gunzip(get("gzip").body())).hasSize(2 * JSON.length);
  }

  @Test
  void writeListener_set_sendsTheBodyAsItIs() throws Exception {
    handler =
        (request, response) -> {
          AsyncContext async = request.startAsync();
          ServletOutputStream out = json(response).getOutputStream();
          out.setWriteListener(new WriteOnce(async, out));
        };
    HttpResponse<byte[]> response = get("gzip");
    assertThat(response.body()).isEqualTo(JSON);
    assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(response.headers().allValues("Vary")).containsExactly("Accept-Encoding");
  }

  private record WriteOnce(AsyncContext async, ServletOutputStream out) implements WriteListener {

    @Override
    public void onWritePossible() throws IOException {
      if (out.isReady()) {
        out.write(JSON);
        async.complete();
      }
    }

    @Override
    public void onError(Throwable failure) {
      async.complete();
    }
  }

  @Test
  void clientGone_inTheMidstOfAStream_leavesNothing() throws Exception {
    byte[] noise = new byte[60_000];
    new Random(1).nextBytes(noise);
    handler =
        (request, response) -> {
          json(response);
          for (int i = 0; i < 500; i++) {
            response.getOutputStream().write(noise);
            response.getOutputStream().flush();
          }
        };
    for (int i = 0; i < 5; i++) {
      try (Socket socket = connect()) {
        request(socket, "GET", "Accept-Encoding: gzip");
        assertThat(socket.getInputStream().read()).isPositive();
        socket.setSoLinger(true, 0);
      }
    }
    assertNoStreamIsLeft();
  }

  @Test
  void encodedRequest_isDecodedForTheServlet() throws Exception {
    handler =
        (request, response) -> {
          boolean told =
              request.getHeader("Content-Encoding") != null || request.getContentLength() >= 0;
          byte[] body = request.getInputStream().readAllBytes();
          json(response).setHeader("X-Told", String.valueOf(told));
          response.getOutputStream().write(body);
        };
    HttpResponse<byte[]> response = post("gzip", gzip(JSON));
    assertThat(gunzip(response.body())).isEqualTo(JSON);
    assertThat(response.headers().firstValue("X-Told")).contains("false");
    handler = (request, answer) -> json(answer).getWriter().print(request.getReader().readLine());
    assertThat(new String(post("gzip", gzip(JSON)).body(), US_ASCII)).isEqualTo(LINE.strip());
  }

  @Test
  void refusedRequest_isAnsweredWithItsStatus() throws Exception {
    handler =
        (request, response) ->
            json(response).getOutputStream().write(request.getInputStream().readAllBytes());
    HttpResponse<byte[]> unknown = post("lzma", JSON);
    assertThat(unknown.statusCode()).isEqualTo(415);
    assertThat(unknown.headers().firstValue("Accept-Encoding")).contains("zstd, br, gzip, deflate");
    assertThat(post("gzip", JSON).statusCode()).as("damaged").isEqualTo(400);
    assertThat(post("gzip", gzip(new byte[20 << 20])).statusCode()).as("bomb").isEqualTo(413);
    assertThat(post("gzip", gzip(JSON)).statusCode()).as("still served").isEqualTo(200);
  }

  private static HttpServletResponse json(HttpServletResponse response) {
    response.setContentType("application/json");
    return response;
  }

  /** A client may see the end of a response before the server's thread is through with it. */
  private void assertNoStreamIsLeft() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(telemetry.value("compress.streams", "compressor", "it")).isZero());
  }

  private HttpRequest.Builder request(@Nullable String acceptEncoding) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
            .version(HttpClient.Version.HTTP_1_1)
            .timeout(Duration.ofSeconds(30));
    return acceptEncoding == null ? request : request.header("Accept-Encoding", acceptEncoding);
  }

  private HttpResponse<byte[]> get(@Nullable String acceptEncoding) throws Exception {
    return HttpClient.newHttpClient()
        .send(request(acceptEncoding).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> post(String contentEncoding, byte[] body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            request("gzip")
                .header("Content-Encoding", contentEncoding)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }

  /** Sends a request on a connection of its own and returns all that comes back. */
  private String raw(String method, String... headers) throws IOException {
    try (Socket socket = connect()) {
      request(socket, method, headers);
      return new String(
          socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static void request(Socket socket, String method, String... headers) throws IOException {
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    String request = method + " / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + lines;
    socket.getOutputStream().write((request + "\r\n").getBytes(US_ASCII));
  }

  private static byte[] gunzip(byte[] encoded) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(encoded))) {
      return in.readAllBytes();
    }
  }

  private static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(encoded)) {
      out.write(body);
    }
    return encoded.toByteArray();
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IOException("nobody read the first part");
      }
    } catch (InterruptedException interrupted) {
      throw new IOException(interrupted);
    }
  }
}
