package dev.perfkit.compress.servlet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.compress.Coding;
import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.ResponseCompressor;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves that a digest of bytes reaches nobody who gets others: in heads and trailers of responses
 * that are encoded as a whole or as they come, and of requests that are decoded.
 */
class DigestIT {

  private static final byte[] JSON =
      "{\"id\":4711,\"state\":\"active\"}\n".repeat(400).getBytes(US_ASCII);
  private static final Map<String, String> DIGESTS =
      Map.of(
          "Content-MD5", "x",
          "Digest", "SHA-256=x",
          "Content-Digest", "sha-256=:x:",
          "Repr-Digest", "sha-256=:x:");

  private final ResponseCompressor compressor =
      ResponseCompressor.named("digests").prefer(Coding.GZIP).build();
  private final JettyContainer jetty = new JettyContainer();
  private final TomcatContainer tomcat = new TomcatContainer();
  private boolean inJetty;

  @TempDir private Path folder;

  @AfterEach
  void stop() throws Exception {
    if (inJetty) {
      jetty.stop();
    } else {
      tomcat.stop();
    }
    compressor.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"jetty", "tomcat"})
  void digests_inTheHead_areGoneOnceEncoded(String container) throws Exception {
    int port =
        start(
            container,
            (request, response) -> {
              DIGESTS.forEach(response::setHeader);
              response.getOutputStream().write(JSON);
              if (request.getParameter("flushed") != null) {
                response.flushBuffer();
              }
            });
    for (String target : new String[] {"/", "/?flushed"}) {
      String encoded = ask(port, target, "Accept-Encoding: gzip");
      assertThat(encoded).contains("content-encoding: gzip").doesNotContain("digest", "md5");
      String identity = ask(port, target, "Accept-Encoding: identity");
      DIGESTS.keySet().forEach(name -> assertThat(identity).contains(lower(name) + ": "));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jetty", "tomcat"})
  void digests_inTrailers_areGoneOnceEncoded(String container) throws Exception {
    int port =
        start(
            container,
            (request, response) -> {
              response.setHeader("Trailer", "Repr-Digest, X-Rows");
              response.setTrailerFields(() -> Map.of("Repr-Digest", "sha-256=:x:", "X-Rows", "3"));
              response.getOutputStream().write(JSON);
            });
    String encoded = ask(port, "/", "Accept-Encoding: gzip");
    assertThat(encoded).contains("content-encoding: gzip").endsWith("\r\nx-rows: 3\r\n\r\n");
    assertThat(encoded).doesNotContain("sha-256");
    String identity = ask(port, "/", "Accept-Encoding: identity");
    assertThat(identity).contains("\r\nrepr-digest: sha-256=:x:\r\n", "\r\nx-rows: 3\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jetty", "tomcat"})
  void digests_ofARequest_areHiddenOnceDecoded(String container) throws Exception {
    int port =
        start(
            container,
            (request, response) -> {
              int read = request.getInputStream().readAllBytes().length;
              long told =
                  DIGESTS.keySet().stream().filter(name -> request.getHeader(name) != null).count();
              boolean trailing = request.getTrailerFields().containsKey("repr-digest");
              response.getWriter().print(read + " bytes, " + told + ", " + trailing);
            });
    assertThat(post(port, "Content-Encoding: gzip", gzip(JSON)))
        .endsWith(JSON.length + " bytes, 0, false");
    assertThat(post(port, "Content-Encoding: identity", JSON))
        .as("Tomcat gives no trailers that it was not told of")
        .endsWith(JSON.length + " bytes, 4, " + inJetty);
  }

  private interface Handler {
    void handle(HttpServletRequest request, HttpServletResponse response) throws IOException;
  }

  private int start(String container, Handler handler) throws Exception {
    CompressionServletFilter filter =
        CompressionServletFilter.of(compressor).decoding(RequestDecoder.create());
    inJetty = container.equals("jetty");
    HttpServlet servlet = new Handled(handler);
    return inJetty ? jetty.start(filter, servlet) : tomcat.start(folder, filter, servlet);
  }

  private static final class Handled extends HttpServlet {

    private static final long serialVersionUID = 1;
    private final transient Handler handler;

    Handled(Handler handler) {
      this.handler = handler;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.setContentType("application/json");
      handler.handle(request, response);
    }
  }

  private static String ask(int port, String target, String field) throws IOException {
    return send(port, "GET " + target, "TE: trailers\r\n" + field, new byte[0]);
  }

  /** Sends a body in one chunk, with two fields after it. */
  private static String post(int port, String field, byte[] body) throws IOException {
    StringBuilder fields = new StringBuilder("Transfer-Encoding: chunked\r\n").append(field);
    DIGESTS.forEach((name, value) -> fields.append("\r\n").append(name).append(": ").append(value));
    ByteArrayOutputStream chunked = new ByteArrayOutputStream();
    chunked.writeBytes((Integer.toHexString(body.length) + "\r\n").getBytes(US_ASCII));
    chunked.writeBytes(body);
    chunked.writeBytes("\r\n0\r\nrepr-digest: x\r\nx-rows: 3\r\n\r\n".getBytes(US_ASCII));
    return send(port, "POST /", fields.toString(), chunked.toByteArray());
  }

  /** Returns all that comes back, in lower case. */
  private static String send(int port, String what, String fields, byte[] body) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      String head = what + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields;
      OutputStream out = socket.getOutputStream();
      out.write((head + "\r\n\r\n").getBytes(US_ASCII));
      out.write(body);
      return lower(new String(socket.getInputStream().readAllBytes(), ISO_8859_1));
    }
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(encoded)) {
      out.write(body);
    }
    return encoded.toByteArray();
  }
}
