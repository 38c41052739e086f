package dev.perfkit.compress.httpserver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.Zstd;
import dev.perfkit.compress.EntityTagPolicy;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.Unacceptable;
import dev.perfkit.spi.ByteSize;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves the adapter on the JDK's real server: by the JDK's client, by curl where there is one, and
 * byte by byte over a plain socket, where lengths, HEAD and aborted responses show.
 */
class CompressionFilterIT extends FilterFixture {

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

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
  void get_byCurl_isDecoded(String coding) throws Exception {
    assumeTrue(curlKnows(coding), "no curl that knows " + coding);
    serve(exchange -> send(exchange, JSON, 0));
    byte[] body = curl("-sS", "--compressed", "-H", "Accept-Encoding: " + coding, uri().toString());
    assertThat(body).isEqualTo(JSON);
    assertThat(
            telemetry.count(
                "compress.decisions", "compressor", "it", "coding", coding, "reason", "encoded"))
        .isEqualTo(1);
  }

  @Test
  void get_digestsOfTheIdentityBody_areGoneOnceEncoded() throws Exception {
    List<String> digests = List.of("Content-MD5", "Digest", "Content-Digest", "Repr-Digest");
    for (long length : new long[] {JSON.length, 0}) {
      serve(
          exchange -> {
            digests.forEach(name -> exchange.getResponseHeaders().set(name, "x"));
            send(exchange, JSON, length);
          });
      HttpResponse<byte[]> encoded = get("gzip");
      assertThat(gunzip(encoded.body())).isEqualTo(JSON);
      assertThat(encoded.headers().map()).doesNotContainKeys(lower(digests));
      assertThat(get(null).headers().map()).containsKeys(lower(digests));
    }
  }

  private static String[] lower(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toArray(String[]::new);
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
  void get_bodyAtTheLimit_isEncoded() throws Exception {
    byte[] body = "x".repeat(SMALL_LIMIT).getBytes(US_ASCII);
    serve(exchange -> send(exchange, body, 0));
    HttpResponse<byte[]> response = get("gzip");
    assertThat(gunzip(response.body())).isEqualTo(body);
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
}
