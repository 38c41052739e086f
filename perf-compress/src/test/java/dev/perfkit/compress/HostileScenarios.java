package dev.perfkit.compress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.RecordingTelemetry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What must hold on every server whatever clients and handlers do: hostile fields and bodies are
 * answered or refused, a response that was cut never looks whole, nothing is left behind, and the
 * server goes on. A subclass starts a server with the adapter in front of the handler.
 */
public abstract class HostileScenarios {

  private static final byte[] JSON = Bodies.text(12_000);
  private static final int BOMB = 48 << 20;

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final ResponseCompressor compressor =
      ResponseCompressor.named("it")
          .telemetry(telemetry)
          .route("/padded/*", RoutePolicy.padded())
          .route("/secret/*", RoutePolicy.secret())
          .build();
  private volatile @Nullable Handler handler;
  private int port;

  /** A request and its response, as every server has them. */
  public interface Exchange {

    /** Returns the value of a request field, or null. */
    @Nullable String field(String name);

    /** Returns the body of the request. */
    InputStream requestBody() throws IOException;

    /** Sets a field of the response. */
    void field(String name, String value);

    /** Sets the status, before {@link #body}. */
    void status(int status);

    /** Returns where the body goes. */
    OutputStream body() throws IOException;
  }

  /** Answers a request. */
  @FunctionalInterface
  public interface Handler {

    /** Answers. */
    void handle(Exchange exchange) throws IOException;
  }

  /** Starts a server on a free port of loopback, and returns the port. */
  protected abstract int start(
      ResponseCompressor compressor, RequestDecoder requests, Handler handler) throws Exception;

  /** Stops it. */
  protected abstract void stop() throws Exception;

  @BeforeEach
  void startServer() throws Exception {
    RequestDecoder requests = RequestDecoder.builder().maximumLayers(2).build();
    port =
        start(compressor, requests, exchange -> Objects.requireNonNull(handler).handle(exchange));
    handler = HostileScenarios::json;
  }

  @AfterEach
  void stopServer() throws Exception {
    stop();
    compressor.close();
  }

  private static void json(Exchange exchange) throws IOException {
    exchange.field("Content-Type", "application/json");
    try (OutputStream out = exchange.body()) {
      out.write(JSON);
    }
  }

  @Test
  void acceptEncoding_hostile_isAnsweredOrRefusedByTheServer() throws IOException {
    List<String> fields =
        List.of(
            "gzip;q=0.5,".repeat(10_000),
            "x,".repeat(2_000) + "gzip",
            "gzip;q=0." + "9".repeat(400),
            "gzip;q=" + "1".repeat(400),
            "\u0001gzip\u007f",
            "gzip\u0000, br",
            ",,,;;;===",
            "\"gzip\"",
            "gzip;q=0;q=1",
            "\u00e9\u00ff;q=1");
    for (String field : fields) {
      Answer answer = ask("GET", "/", "Accept-Encoding: " + field);
      assertThat(answer.status()).as(field).isIn(200, 400, 413, 431);
      if (answer.status() == 200) {
        assertThat(answer.decoded()).as(field).isEqualTo(JSON);
      }
    }
    assertStillServed();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "zstd", "br"})
  void requestBody_bomb_isRefused(String coding) throws IOException {
    handler = HostileScenarios::echo;
    byte[] bomb = encode(List.of(coding), new byte[BOMB]);
    assertThat(post(coding, bomb).status()).isEqualTo(413);
    assertStillServed();
  }

  @Test
  void requestBody_nestedBomb_isRefused() throws IOException {
    handler = HostileScenarios::echo;
    byte[] bomb = encode(List.of("zstd", "br"), new byte[BOMB]);
    assertThat(bomb.length).isLessThan(2_000);
    assertThat(post("zstd, br", bomb).status()).isEqualTo(413);
    assertThat(post("gzip, gzip, gzip", bomb).status()).as("too many layers").isEqualTo(415);
    assertStillServed();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "zstd", "br"})
  void requestBody_cutOrDamaged_isRefused(String coding) throws IOException {
    handler = HostileScenarios::echo;
    byte[] whole = encode(List.of(coding), JSON);
    assertThat(post(coding, whole).decoded()).isEqualTo(JSON);
    assertThat(post(coding, Arrays.copyOf(whole, whole.length / 2)).status()).isEqualTo(400);
    assertThat(post(coding, Bodies.noise(2_000)).status()).isEqualTo(400);
    assertStillServed();
  }

  private static void echo(Exchange exchange) throws IOException {
    byte[] body = exchange.requestBody().readAllBytes();
    exchange.field("Content-Type", "application/json");
    try (OutputStream out = exchange.body()) {
      out.write(body);
    }
  }

  @Test
  void fields_setAfterTheHeadWasSent_changeNothing() throws IOException {
    handler =
        exchange -> {
          exchange.field("Content-Type", "application/json");
          try (OutputStream out = exchange.body()) {
            out.write(JSON);
            out.flush();
            exchange.field("Content-Encoding", "br");
            exchange.field("Content-Length", "7");
            exchange.field("Vary", "Cookie");
            out.write(JSON);
          }
        };
    for (String coding : List.of("gzip", "zstd", "br")) {
      Answer answer = ask("GET", "/", "Accept-Encoding: " + coding);
      assertThat(answer.decoded()).hasSize(2 * JSON.length);
      assertThat(answer.field("content-encoding")).isEqualTo(coding);
      assertThat(answer.field("vary")).isEqualTo("Accept-Encoding");
      assertThat(answer.field("content-length")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd", "br"})
  void handlerThatThrows_inTheMidstOfAStream_neverLooksWhole(String coding) throws IOException {
    for (String path : List.of("/", "/padded/x")) {
      handler =
          exchange -> {
            exchange.field("Content-Type", "application/json");
            OutputStream out = exchange.body();
            out.write(JSON);
            out.flush();
            throw new IOException("out of luck");
          };
      Answer answer = ask("GET", path, "Accept-Encoding: " + coding);
      assertThat(answer.field("content-encoding")).isEqualTo(coding);
      assertThat(answer.endsWithLastChunk()).as("last chunk").isFalse();
      assertThat(answer.isWhole()).as("coding ended").isFalse();
      assertNothingIsLeft();
    }
    handler = HostileScenarios::json;
    assertStillServed();
  }

  @Test
  void clients_thatGoAway_leaveNothing() throws IOException {
    handler =
        exchange -> {
          exchange.field("Content-Type", "text/event-stream");
          try (OutputStream out = exchange.body()) {
            for (int i = 0; i < 400; i++) {
              out.write(Bodies.noise(10_000));
              out.flush();
            }
          }
        };
    for (int i = 0; i < 10; i++) {
      try (Socket socket = connect()) {
        send(socket, "GET", "/", new byte[0], "Accept-Encoding: gzip, zstd, br");
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        socket.setSoLinger(true, 0);
      }
    }
    assertNothingIsLeft();
    handler = HostileScenarios::json;
    assertStillServed();
  }

  @Test
  void range_identityAllowed_isOneOfTheIdentityBody() throws IOException {
    handler = HostileScenarios::ranged;
    Answer part = ask("GET", "/", "Accept-Encoding: gzip", "Range: bytes=0-9");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.field("content-encoding")).isEmpty();
    assertThat(part.field("vary")).isEqualTo("Accept-Encoding");
    assertThat(part.body()).hasSize(10);
  }

  @Test
  void range_identityForbidden_isIgnored() throws IOException {
    handler = HostileScenarios::ranged;
    Answer whole =
        ask(
            "GET",
            "/",
            "Accept-Encoding: gzip, identity;q=0",
            "Range: bytes=0-9",
            "If-Range: \"v1\"");
    assertThat(whole.status()).isEqualTo(200);
    assertThat(whole.field("content-encoding")).isEqualTo("gzip");
    assertThat(whole.decoded()).isEqualTo(JSON);
  }

  @Test
  void range_answeredWhole_isIdentity() throws IOException {
    Answer whole = ask("GET", "/", "Accept-Encoding: gzip", "Range: bytes=0-9");
    assertThat(whole.status()).isEqualTo(200);
    assertThat(whole.field("content-encoding")).isEmpty();
    assertThat(whole.field("vary")).isEqualTo("Accept-Encoding");
    assertThat(whole.body()).isEqualTo(JSON);
  }

  private static void ranged(Exchange exchange) throws IOException {
    exchange.field("Content-Type", "application/json");
    boolean part = exchange.field("Range") != null || exchange.field("If-Range") != null;
    if (part) {
      exchange.field("Content-Range", "bytes 0-9/" + JSON.length);
      exchange.status(206);
    }
    try (OutputStream out = exchange.body()) {
      out.write(JSON, 0, part ? 10 : JSON.length);
    }
  }

  @Test
  void secretRoute_always_isIdentityOr406() throws IOException {
    Answer identity = ask("GET", "/secret/x", "Accept-Encoding: gzip, br, zstd");
    assertThat(identity.body()).isEqualTo(JSON);
    assertThat(identity.field("content-encoding")).isEmpty();
    Answer refused = ask("GET", "/secret/x", "Accept-Encoding: gzip, identity;q=0");
    assertThat(refused.status()).isEqualTo(406);
    assertThat(refused.body()).isEmpty();
    assertThat(refused.field("vary")).isEqualTo("Accept-Encoding");
    assertThat(ask("GET", "/x/../secret/y", "Accept-Encoding: gzip").field("content-encoding"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd", "br"})
  void paddedRoute_byCurlAndOurDecoders_isTheBody(String coding) throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(ask("GET", "/padded/x", "Accept-Encoding: " + coding).decoded()).isEqualTo(JSON);
    }
    if (Curl.knows(coding)) {
      String url = "http://127.0.0.1:" + port + "/padded/x";
      for (int i = 0; i < 5; i++) {
        assertThat(Curl.run("-s", "--compressed", "-H", "Accept-Encoding: " + coding, url))
            .isEqualTo(JSON);
      }
    }
  }

  private void assertStillServed() throws IOException {
    handler = HostileScenarios::json;
    assertThat(ask("GET", "/", "Accept-Encoding: gzip").decoded()).isEqualTo(JSON);
    assertNothingIsLeft();
  }

  /** A client may see the end of a response before the server's thread is through with it. */
  private void assertNothingIsLeft() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(telemetry.value("compress.streams", "compressor", "it")).isZero());
  }

  /** Encodes as a client would, the coding named last being the outermost. */
  private static byte[] encode(List<String> codings, byte[] body) {
    byte[] encoded = body;
    for (String token : codings) {
      for (Coding coding : Coding.builtIn()) {
        Codec codec = coding.token().equals(token) ? Codecs.of(coding).codec() : null;
        if (codec != null) {
          try (Encoder encoder = codec.newEncoder(true)) {
            encoded = Objects.requireNonNull(encoder.encode(encoded, 5, Integer.MAX_VALUE));
          }
        }
      }
    }
    return encoded;
  }

  private Answer post(String coding, byte[] body) throws IOException {
    try (Socket socket = connect()) {
      send(
          socket,
          "POST",
          "/",
          body,
          "Accept-Encoding: gzip",
          "Content-Encoding: " + coding,
          "Content-Length: " + body.length);
      return Answer.read(socket.getInputStream());
    }
  }

  private Answer ask(String method, String path, String... fields) throws IOException {
    try (Socket socket = connect()) {
      send(socket, method, path, new byte[0], fields);
      return Answer.read(socket.getInputStream());
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static void send(Socket socket, String method, String path, byte[] body, String... fields)
      throws IOException {
    StringBuilder head =
        new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    head.append("Connection: close\r\n");
    for (String field : fields) {
      head.append(field).append("\r\n");
    }
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
    message.writeBytes(body);
    try {
      socket.getOutputStream().write(message.toByteArray());
    } catch (IOException refusedEarly) {
      // The answer may be there all the same.
    }
  }

  /** A response as it came over the wire. */
  private static final class Answer {

    private final String head;
    private final byte[] raw;

    private Answer(String head, byte[] raw) {
      this.head = head;
      this.raw = raw;
    }

    static Answer read(InputStream in) throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      try {
        in.transferTo(all);
      } catch (IOException cut) {
        // What came before counts.
      }
      String text = all.toString(ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      return end < 0
          ? new Answer("", new byte[0])
          : new Answer(text.substring(0, end), text.substring(end + 4).getBytes(ISO_8859_1));
    }

    int status() {
      return head.isEmpty() ? 400 : Integer.parseInt(head.substring(9, 12));
    }

    String field(String name) {
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
          .map(line -> line.substring(name.length() + 1).trim())
          .findFirst()
          .orElse("");
    }

    boolean isChunked() {
      return field("transfer-encoding").equals("chunked");
    }

    boolean endsWithLastChunk() {
      return new String(raw, ISO_8859_1).endsWith("\r\n0\r\n\r\n");
    }

    /** Returns the body without chunks, as far as it came. */
    byte[] body() {
      if (!isChunked()) {
        return raw;
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      int at = 0;
      while (at < raw.length) {
        int line = at;
        while (line < raw.length && raw[line] != '\r') {
          line++;
        }
        int length = Integer.parseInt(new String(raw, at, line - at, US_ASCII), 16);
        int from = line + 2;
        body.write(raw, from, Math.max(0, Math.min(length, raw.length - from)));
        at = from + length + 2;
      }
      return body.toByteArray();
    }

    byte[] decoded() {
      String coding = field("content-encoding");
      return Bodies.decode(
          Coding.builtIn().stream()
              .filter(known -> known.token().equals(coding))
              .findFirst()
              .orElse(Coding.IDENTITY),
          body());
    }

    boolean isWhole() {
      try {
        decoded();
        return true;
      } catch (RuntimeException cut) {
        return false;
      }
    }
  }
}
