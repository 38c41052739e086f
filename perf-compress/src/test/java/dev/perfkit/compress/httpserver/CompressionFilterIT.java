package dev.perfkit.compress.httpserver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.Zstd;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.perfkit.compress.Coding;
import dev.perfkit.compress.EntityTagPolicy;
import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.Unacceptable;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.testkit.RecordingTelemetry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Proves the adapter on the JDK's real server: by the JDK's client, by curl where there is one, and
 * byte by byte over a plain socket, where lengths, HEAD and aborted responses show.
 */
class CompressionFilterIT {

  private static final String JSON_LINE = "{\"id\":4711,\"state\":\"active\"}\n";
  private static final byte[] JSON = JSON_LINE.repeat(400).getBytes(US_ASCII);
  private static final int SMALL_LIMIT = 100_000;

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private ResponseCompressor compressor;

  CompressionFilterIT() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    compressor =
        ResponseCompressor.named("it")
            .prefer(Coding.ZSTD, Coding.BROTLI, Coding.GZIP, Coding.DEFLATE)
            .telemetry(telemetry)
            .build();
  }

  @BeforeEach
  void start() {
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
    compressor.close();
  }

  @Test
  void get_bodyOfDeclaredLength_isEncodedWithItsExactLength() throws Exception {
    serve(exchange -> send(exchange, JSON, JSON.length));
    HttpResponse<byte[]> gzip = get("gzip");
    assertThat(gunzip(gzip.body())).isEqualTo(JSON);
    assertThat(gzip.headers().firstValueAsLong("Content-Length")).hasValue(gzip.body().length);
    assertThat(gzip.headers().allValues("Content-Encoding")).containsExactly("gzip");
    assertThat(gzip.headers().allValues("Vary")).containsExactly("Accept-Encoding");
    HttpResponse<byte[]> zstd = get("gzip, zstd");
    assertThat(Zstd.decompress(zstd.body(), JSON.length)).isEqualTo(JSON);
    assertThat(zstd.headers().allValues("Content-Encoding")).containsExactly("zstd");
  }

  @Test
  void get_bodyOfAnyLength_isEncodedOrNotAsTheClientLikes() throws Exception {
    serve(exchange -> send(exchange, JSON, 0));
    assertThat(gunzip(get("gzip").body())).isEqualTo(JSON);
    assertThat(get(null).body()).isEqualTo(JSON);
    assertThat(get(null).headers().allValues("Vary")).containsExactly("Accept-Encoding");
    assertThat(get("gzip;q=0").body()).isEqualTo(JSON);
  }

  @Test
  void get_byCurl_isDecoded() throws Exception {
    serve(exchange -> send(exchange, JSON, 0));
    for (String coding : List.of("gzip", "deflate", "br", "zstd")) {
      assumeTrue(curlKnows(coding), "no curl that knows " + coding);
      byte[] body =
          curl("-sS", "--compressed", "-H", "Accept-Encoding: " + coding, uri().toString());
      assertThat(body).as(coding).isEqualTo(JSON);
      assertThat(
              telemetry.count(
                  "compress.decisions", "compressor", "it", "coding", coding, "reason", "encoded"))
          .as("encoded with " + coding)
          .isEqualTo(1);
    }
  }

  @Test
  void get_smallBodyOfAnyLength_staysIdentity() throws Exception {
    byte[] small = "{}".getBytes(US_ASCII);
    serve(exchange -> send(exchange, small, 0));
    HttpResponse<byte[]> response = get("gzip");
    assertThat(response.body()).isEqualTo(small);
    assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(2);
    assertThat(response.headers().allValues("Vary")).containsExactly("Accept-Encoding");
  }

  @Test
  void get_emptyBodyOfAnyLength_isEmpty() throws Exception {
    serve(exchange -> send(exchange, new byte[0], 0));
    assertThat(get("gzip").body()).isEmpty();
    assertThat(get("gzip").statusCode()).isEqualTo(200);
  }

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
    assertThat(telemetry.value("compress.streams", "compressor", "it")).isZero();
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
    assertThat(telemetry.value("compress.streams", "compressor", "it")).isZero();
  }

  @Test
  void get_bodyAtTheLimit_isEncoded() throws Exception {
    byte[] body = "x".repeat(SMALL_LIMIT).getBytes(US_ASCII);
    serve(exchange -> send(exchange, body, 0));
    HttpResponse<byte[]> response = get("gzip");
    assertThat(gunzip(response.body())).isEqualTo(body);
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

  @Test
  void get_declaredBodyFlushed_isStillEncoded() throws Exception {
    serve(
        exchange -> {
          head(exchange, JSON.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(JSON, 0, 100);
            out.flush();
            out.write(JSON, 100, JSON.length - 100);
          }
        });
    assertThat(gunzip(get("gzip").body())).isEqualTo(JSON);
  }

  @Test
  void get_handlerClosesTheExchangeOnly_isEncoded() throws Exception {
    serve(
        exchange -> {
          head(exchange, JSON.length);
          exchange.getResponseBody().write(JSON);
          exchange.close();
        });
    assertThat(gunzip(get("gzip").body())).isEqualTo(JSON);
  }

  @Test
  void get_strongTag_isWeakenedAnd304CarriesTheWeakOne() throws Exception {
    serve(
        exchange -> {
          exchange.getResponseHeaders().set("ETag", "\"v1\"");
          String held = exchange.getRequestHeaders().getFirst("If-None-Match");
          if (held != null && held.endsWith("\"v1\"")) {
            exchange.sendResponseHeaders(304, -1);
            exchange.close();
          } else {
            send(exchange, JSON, JSON.length);
          }
        });
    String encoded = raw("GET", "Accept-Encoding: gzip");
    assertThat(encoded).contains("\r\nEtag: W/\"v1\"\r\n");
    String notModified = raw("GET", "Accept-Encoding: gzip", "If-None-Match: W/\"v1\"");
    assertThat(notModified)
        .startsWith("HTTP/1.1 304")
        .contains("\r\nEtag: W/\"v1\"\r\n")
        .contains("\r\nVary: Accept-Encoding\r\n")
        .doesNotContain("Content-encoding");
    assertThat(raw("GET")).contains("\r\nEtag: \"v1\"\r\n");
  }

  @Test
  void get_tagsMadeHere_answerTheNextRequestWithoutABody() throws Exception {
    compressor.close();
    compressor =
        ResponseCompressor.named("it")
            .entityTagPolicy(EntityTagPolicy.SUFFIX)
            .makeEntityTags(ByteSize.ofMebibytes(1))
            .build();
    for (String type : List.of("application/json", "image/png")) {
      serve(
          exchange -> {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(JSON);
            exchange.close();
          });
      String tag = get("gzip").headers().firstValue("ETag").orElseThrow();
      String notModified = raw("GET", "Accept-Encoding: gzip", "If-None-Match: " + tag);
      assertThat(notModified).startsWith("HTTP/1.1 304").contains("\r\nEtag: " + tag + "\r\n");
      assertThat(notModified).endsWith("\r\n\r\n");
      assertThat(raw("GET", "Accept-Encoding: gzip", "If-None-Match: \"other\""))
          .startsWith("HTTP/1.1 200")
          .contains("\r\nEtag: " + tag + "\r\n");
    }
  }

  @Test
  void head_always_hasTheHeadOfGetWithoutALengthOfIdentity() throws Exception {
    serve(
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.getResponseHeaders().set("Content-Length", String.valueOf(JSON.length));
          if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          } else {
            send(exchange, JSON, JSON.length);
          }
        });
    String head = raw("HEAD", "Accept-Encoding: gzip");
    assertThat(head)
        .startsWith("HTTP/1.1 200")
        .contains("\r\nContent-encoding: gzip\r\n")
        .contains("\r\nVary: Accept-Encoding\r\n")
        .doesNotContain("Content-length: " + JSON.length)
        .endsWith("\r\n\r\n");
    assertThat(raw("HEAD")).contains("\r\nContent-length: " + JSON.length + "\r\n");
    assertThat(gunzip(get("gzip").body())).isEqualTo(JSON);
  }

  @Test
  void get_nothingAcceptable_is406WithoutBody() throws Exception {
    compressor.close();
    compressor = ResponseCompressor.named("strict").unacceptable(Unacceptable.STATUS_406).build();
    serve(exchange -> send(exchange, JSON, JSON.length));
    String response = raw("GET", "Accept-Encoding: *;q=0");
    assertThat(response)
        .startsWith("HTTP/1.1 406")
        .contains("\r\nVary: Accept-Encoding\r\n")
        .contains("\r\nContent-length: 0\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void get_handlerFailsWithBodyHeldBack_sendsNothing() throws Exception {
    serve(
        exchange -> {
          head(exchange, 0);
          exchange.getResponseBody().write(JSON);
          throw new IOException("on purpose");
        });
    assertThat(raw("GET", "Accept-Encoding: gzip")).isEmpty();
    assertThat(telemetry.value("compress.contexts", "compressor", "it", "coding", "gzip")).isZero();
  }

  @Test
  void get_handlerWritesLessThanDeclared_abortsTheConnection() throws Exception {
    serve(
        exchange -> {
          head(exchange, JSON.length);
          exchange.getResponseBody().write(JSON, 0, 2_000);
          exchange.close();
        });
    String response = raw("GET", "Accept-Encoding: gzip");
    assertThat(response).contains("Content-length: " + JSON.length);
    assertThat(response.substring(response.indexOf("\r\n\r\n") + 4))
        .hasSizeLessThanOrEqualTo(2_000);
  }

  @Test
  void get_handlerWritesMoreThanDeclared_failsInTheHandler() throws Exception {
    serve(
        exchange -> {
          head(exchange, 2_000);
          exchange.getResponseBody().write(JSON);
        });
    assertThat(raw("GET", "Accept-Encoding: gzip")).isEmpty();
  }

  @Test
  void get_declaredHeaderOfAnotherLength_abortsBeforeAnythingIsSent() throws Exception {
    serve(
        exchange -> {
          exchange.getResponseHeaders().set("Content-Length", "77777");
          send(exchange, JSON, 0);
        });
    assertThat(raw("GET", "Accept-Encoding: gzip")).isEmpty();
  }

  @Test
  void get_clientGone_leaksNoContext() throws Exception {
    serve(exchange -> send(exchange, random(90_000), 0));
    int moreThanThereAreContexts = 10 + 4 * Runtime.getRuntime().availableProcessors();
    for (int i = 0; i < moreThanThereAreContexts; i++) {
      try (Socket socket = connect()) {
        request(socket, "GET", "Accept-Encoding: gzip");
        socket.setSoLinger(true, 0);
      }
    }
    assertThat(get("gzip").statusCode()).as("still served").isEqualTo(200);
  }

  @Test
  void post_responseOverSeveralRequestsOfAConnection_staysInStep() throws Exception {
    serve(
        exchange -> {
          byte[] posted = exchange.getRequestBody().readAllBytes();
          send(exchange, posted, 0);
        });
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    for (int size : new int[] {10, 2_000, 50_000, 150_000, 5, 3_000}) {
      byte[] body = "y".repeat(size).getBytes(US_ASCII);
      HttpResponse<byte[]> response =
          client.send(
              HttpRequest.newBuilder(uri())
                  .header("Accept-Encoding", "gzip")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      boolean encoded = response.headers().firstValue("Content-Encoding").isPresent();
      assertThat(encoded).as("%s bytes", size).isEqualTo(size >= 1024);
      assertThat(encoded ? gunzip(response.body()) : response.body()).isEqualTo(body);
    }
  }

  @Test
  void post_encodedBody_isDecodedForTheHandler() throws Exception {
    serveDecoding(
        exchange -> {
          boolean told =
              exchange.getRequestHeaders().containsKey("Content-Encoding")
                  || exchange.getRequestHeaders().containsKey("Content-Length");
          exchange.getResponseHeaders().set("X-Told", String.valueOf(told));
          send(exchange, exchange.getRequestBody().readAllBytes(), 0);
        });
    HttpResponse<byte[]> encoded = post("gzip", gzip(JSON));
    assertThat(gunzip(encoded.body())).isEqualTo(JSON);
    assertThat(encoded.headers().firstValue("X-Told")).contains("false");
    HttpResponse<byte[]> identity = post("identity", JSON);
    assertThat(gunzip(identity.body())).isEqualTo(JSON);
    assertThat(identity.headers().firstValue("X-Told")).contains("true");
  }

  @Test
  void post_refusedBody_isAnsweredWithItsStatus() throws Exception {
    serveDecoding(exchange -> send(exchange, exchange.getRequestBody().readAllBytes(), 0));
    HttpResponse<byte[]> unknown = post("lzma", JSON);
    assertThat(unknown.statusCode()).isEqualTo(415);
    assertThat(unknown.headers().firstValue("Accept-Encoding")).contains("zstd, br, gzip, deflate");
    assertThat(post("gzip", JSON).statusCode()).as("damaged").isEqualTo(400);
    assertThat(post("gzip", gzip(new byte[20 << 20])).statusCode()).as("bomb").isEqualTo(413);
    assertThat(post("gzip", gzip(JSON)).statusCode()).as("still served").isEqualTo(200);
  }

  @Test
  void exchange_misused_failsAsTheServersOwn() throws Exception {
    CountDownLatch checked = new CountDownLatch(1);
    serve(
        exchange -> {
          assertThatThrownBy(() -> exchange.getResponseBody().write(1))
              .isInstanceOf(IOException.class);
          assertThat(exchange.getResponseCode()).isEqualTo(-1);
          send(exchange, JSON, JSON.length);
          assertThat(exchange.getResponseCode()).isEqualTo(200);
          assertThatThrownBy(() -> exchange.getResponseBody().write(1))
              .isInstanceOf(IOException.class);
          assertThatThrownBy(() -> exchange.sendResponseHeaders(200, 0))
              .isInstanceOf(IOException.class);
          checked.countDown();
        });
    get("gzip");
    assertThat(checked.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void filter_maximumBodyOverTheLargestArray_isRefused() {
    assertThatThrownBy(() -> CompressionFilter.of(compressor, ByteSize.ofGibibytes(2)))
        .isInstanceOf(ArithmeticException.class);
    assertThat(CompressionFilter.of(compressor).description()).contains("it");
  }

  private void serve(HttpHandler handler) {
    try {
      server.removeContext("/");
    } catch (IllegalArgumentException first) {
      // There is no context yet.
    }
    server
        .createContext("/", handler)
        .getFilters()
        .add(CompressionFilter.of(compressor, ByteSize.ofBytes(SMALL_LIMIT)));
  }

  private void serveDecoding(HttpHandler handler) {
    server
        .createContext("/", handler)
        .getFilters()
        .add(CompressionFilter.of(compressor).decoding(RequestDecoder.create()));
  }

  private HttpResponse<byte[]> post(String contentEncoding, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri())
            .timeout(Duration.ofSeconds(20))
            .header("Content-Encoding", contentEncoding)
            .header("Accept-Encoding", "gzip")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  private static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(encoded)) {
      out.write(body);
    }
    return encoded.toByteArray();
  }

  private static void head(HttpExchange exchange, long length) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, length);
  }

  private static void send(HttpExchange exchange, byte[] body, long length) throws IOException {
    head(exchange, length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private HttpResponse<byte[]> get(@Nullable String acceptEncoding) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri()).timeout(Duration.ofSeconds(20));
    if (acceptEncoding != null) {
      request.header("Accept-Encoding", acceptEncoding);
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  /** Returns the decoded body of a response that is under way. */
  private InputStream stream(String acceptEncoding) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri())
            .timeout(Duration.ofSeconds(20))
            .header("Accept-Encoding", acceptEncoding)
            .build();
    HttpResponse<InputStream> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.headers().allValues("Content-Encoding")).containsExactly("gzip");
    assertThat(response.headers().allValues("Vary")).containsExactly("Accept-Encoding");
    return new GZIPInputStream(response.body());
  }

  /** Sends a request on a connection of its own and returns all that comes back. */
  private String raw(String method, String... headers) throws IOException {
    try (Socket socket = connect()) {
      request(socket, method, headers);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void request(Socket socket, String method, String... headers) throws IOException {
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    String request = method + " / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + lines;
    socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  private static byte[] gunzip(byte[] encoded) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(encoded))) {
      return in.readAllBytes();
    }
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
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

  private static boolean curlKnows(String coding) {
    String feature = coding.equals("br") ? "brotli" : coding.equals("zstd") ? "zstd" : "libz";
    try {
      String version = new String(curl("--version"), StandardCharsets.UTF_8);
      return version.toLowerCase(Locale.ROOT).contains(" " + feature);
    } catch (IOException | InterruptedException absent) {
      return false;
    }
  }

  private static byte[] curl(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "curl";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    byte[] output = process.getInputStream().readAllBytes();
    if (process.waitFor() != 0) {
      throw new IOException("curl ended with " + process.exitValue());
    }
    return output;
  }
}
