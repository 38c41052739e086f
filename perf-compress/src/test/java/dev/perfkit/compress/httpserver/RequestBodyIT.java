package dev.perfkit.compress.httpserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Proves that the filter decodes request bodies or answers why not, on the JDK's real server. */
class RequestBodyIT extends FilterFixture {

  private static final List<String> OF_THE_ENCODED_BODY =
      List.of(
          "Content-Encoding",
          "Content-Length",
          "Content-MD5",
          "Digest",
          "Content-Digest",
          "Repr-Digest");

  @Test
  void post_encodedBody_isDecodedForTheHandler() throws Exception {
    serveDecoding(
        exchange -> {
          boolean told =
              OF_THE_ENCODED_BODY.stream().anyMatch(exchange.getRequestHeaders()::containsKey);
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
}
