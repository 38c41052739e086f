package dev.perfkit.compress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.perfkit.compress.httpserver.CompressionFilter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The examples of the README, run; and proof that they do what the README says. */
class ReadmeIT {

  private static final byte[] JSON = Bodies.text(10_000);

  @Test
  void anyServer_asInTheReadme_encodesTheBody() {
    Headers requestHeaders = new Headers();
    requestHeaders.add("Accept-Encoding", "gzip, deflate, br, zstd");
    Headers responseHeaders = new Headers();
    responseHeaders.add("Content-Type", "application/json");
    byte[] body = JSON;
    // region: any-server
    ResponseCompressor compressor = ResponseCompressor.create();

    EncodedBody encoded =
        compressor.compress(
            new RequestHead("GET", requestHeaders::get),
            ResponseHead.of(200, responseHeaders::get),
            body);
    encoded.decision().changes().applyTo(responseHeaders::set, responseHeaders::remove);
    int status = encoded.decision().status(); // what to send: status, headers, bytes
    byte[] bytes = encoded.bytes();
    // endregion: any-server
    assertThat(status).isEqualTo(200);
    assertThat(bytes.length).isLessThan(body.length / 4);
    assertThat(responseHeaders.get("Content-Encoding")).isEqualTo(List.of("zstd"));
    compressor.close();
  }

  @Test
  void stream_asInTheReadme_encodesWhatIsWritten() throws Exception {
    ResponseCompressor compressor = ResponseCompressor.create();
    Map<String, List<String>> responseHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    responseHeaders.put("Content-Type", List.of("text/event-stream"));
    ByteArrayOutputStream server = new ByteArrayOutputStream();
    RequestHead request = new RequestHead("GET", name -> List.of("gzip"));
    ResponseHead response = ResponseHead.of(200, responseHeaders::get);
    String event = "data: 1\n\n";
    // region: stream
    EncodedStream stream = compressor.stream(compressor.decide(request, response));
    HeaderChanges changes = stream.decision().changes(); // apply them and send the head, then:
    try (OutputStream out = stream.to(server)) {
      out.write(event.getBytes(UTF_8));
      out.flush();
    } finally {
      stream.abort(); // frees its memory if writing failed; ending the connection is yours
    }
    // endregion: stream
    assertThat(changes.set()).containsEntry("Content-Encoding", "gzip");
    assertThat(Bodies.gunzip(server.toByteArray())).isEqualTo(Bodies.ascii(event));
    compressor.close();
  }

  @Test
  void jdkServer_asInTheReadme_encodesTheBody() throws Exception {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ResponseCompressor compressor = ResponseCompressor.create();
    // region: jdk-server
    HttpServer server = HttpServer.create(address, 0);
    server
        .createContext(
            "/",
            exchange -> {
              exchange.getResponseHeaders().set("Content-Type", "application/json");
              exchange.sendResponseHeaders(200, JSON.length);
              exchange.getResponseBody().write(JSON);
              exchange.close();
            })
        .getFilters()
        .add(CompressionFilter.of(compressor));
    // endregion: jdk-server
    server.start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      HttpResponse<byte[]> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(uri).header("Accept-Encoding", "gzip").build(),
                  HttpResponse.BodyHandlers.ofByteArray());
      assertThat(Bodies.gunzip(response.body())).isEqualTo(JSON);
    } finally {
      server.stop(0);
      compressor.close();
    }
  }

  @Test
  void request_asInTheReadme_isDecoded() throws Exception {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(encoded)) {
      gzip.write(JSON);
    }
    InputStream request = new ByteArrayInputStream(encoded.toByteArray());
    byte[] read = {};
    int status = 200;
    // region: request
    RequestDecoder requests = RequestDecoder.create();
    try (InputStream body = requests.decode(List.of("gzip"), request)) { // Content-Encoding
      read = body.readAllBytes();
    } catch (RequestRefusedException refused) {
      status = refused.status(); // with 415 also: Accept-Encoding: requests.acceptEncoding()
    }
    // endregion: request
    assertThat(read).isEqualTo(JSON);
    assertThat(status).isEqualTo(200);
  }

  @Test
  void transform_asInTheReadme_givesTheValueBack() {
    byte[] value = JSON;
    byte[] context = {};
    // region: transform
    CompressionTransform zstd = CompressionTransform.zstd(3);
    byte[] payload = zstd.encode(value, context); // null: under 1 KiB or not smaller
    // endregion: transform
    byte[] encoded = Objects.requireNonNull(payload);
    assertThat(zstd.decode(encoded, 0, encoded.length, context, 1 << 20)).isEqualTo(value);
    zstd.close();
  }
}
