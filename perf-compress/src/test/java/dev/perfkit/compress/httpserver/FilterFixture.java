package dev.perfkit.compress.httpserver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.perfkit.compress.Coding;
import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.ResponseCompressor;
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

/** A JDK server with the filter in front of a handler, and ways to ask it. */
abstract class FilterFixture {

  static final String JSON_LINE = "{\"id\":4711,\"state\":\"active\"}\n";
  static final byte[] JSON = JSON_LINE.repeat(400).getBytes(US_ASCII);
  static final int SMALL_LIMIT = 100_000;

  final RecordingTelemetry telemetry = RecordingTelemetry.create();
  final ExecutorService threads = Executors.newCachedThreadPool();
  HttpServer server;
  ResponseCompressor compressor;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    compressor =
        ResponseCompressor.named("it")
            .prefer(Coding.ZSTD, Coding.BROTLI, Coding.GZIP, Coding.DEFLATE)
            .telemetry(telemetry)
            .build();
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
    compressor.close();
  }

  void serve(HttpHandler handler) {
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

  void serveDecoding(HttpHandler handler) {
    server
        .createContext("/", handler)
        .getFilters()
        .add(CompressionFilter.of(compressor).decoding(RequestDecoder.create()));
  }

  HttpResponse<byte[]> post(String contentEncoding, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri())
            .timeout(Duration.ofSeconds(20))
            .header("Content-Encoding", contentEncoding)
            .headers("Content-MD5", "x", "Digest", "x", "Content-Digest", "x", "Repr-Digest", "x")
            .header("Accept-Encoding", "gzip")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(encoded)) {
      out.write(body);
    }
    return encoded.toByteArray();
  }

  static void head(HttpExchange exchange, long length) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, length);
  }

  static void send(HttpExchange exchange, byte[] body, long length) throws IOException {
    head(exchange, length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  HttpResponse<byte[]> get(@Nullable String acceptEncoding) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri()).timeout(Duration.ofSeconds(20));
    if (acceptEncoding != null) {
      request.header("Accept-Encoding", acceptEncoding);
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  /** Returns the decoded body of a response that is under way. */
  InputStream stream(String acceptEncoding) throws Exception {
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
  String raw(String method, String... headers) throws IOException {
    try (Socket socket = connect()) {
      request(socket, method, headers);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  static void request(Socket socket, String method, String... headers) throws IOException {
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    String request = method + " / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + lines;
    socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  static byte[] gunzip(byte[] encoded) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(encoded))) {
      return in.readAllBytes();
    }
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IOException("nobody read the first part");
      }
    } catch (InterruptedException interrupted) {
      throw new IOException(interrupted);
    }
  }

  static boolean curlKnows(String coding) {
    String feature = coding.equals("br") ? "brotli" : coding.equals("zstd") ? "zstd" : "libz";
    try {
      String version = new String(curl("--version"), StandardCharsets.UTF_8);
      return version.toLowerCase(Locale.ROOT).contains(" " + feature);
    } catch (IOException | InterruptedException absent) {
      return false;
    }
  }

  static byte[] curl(String... arguments) throws IOException, InterruptedException {
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
