package dev.perfkit.compress.httpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.RequestRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An exchange whose request body is decoded. */
final class DecodedExchange extends ForwardingExchange {

  private static final List<String> OF_THE_ENCODED_BODY =
      List.of(
          "Content-Encoding",
          "Content-Length",
          "Content-MD5",
          "Digest",
          "Content-Digest",
          "Repr-Digest");

  private Headers requestHeaders;
  private @Nullable InputStream body;

  DecodedExchange(HttpExchange exchange) {
    super(exchange);
    this.requestHeaders = exchange.getRequestHeaders();
  }

  /** Decodes the body from here on, if it is encoded. */
  void decodeWith(RequestDecoder decoder) throws RequestRefusedException {
    InputStream encoded = exchange.getRequestBody();
    InputStream decoded = decoder.decode(requestHeaders.get("Content-Encoding"), encoded);
    if (decoded != encoded) {
      Headers visible = new Headers();
      visible.putAll(requestHeaders);
      OF_THE_ENCODED_BODY.forEach(visible::remove);
      requestHeaders = visible;
      body = decoded;
    }
  }

  /** Answers a request whose body is refused, unless a head has been sent. */
  void refuse(RequestRefusedException refused, String acceptEncoding) throws IOException {
    if (exchange.getResponseCode() != -1) {
      throw refused;
    }
    if (refused.status() == 415) {
      getResponseHeaders().set("Accept-Encoding", acceptEncoding);
    }
    // What is left of the body is not read: it may be long.
    getResponseHeaders().set("Connection", "close");
    exchange.sendResponseHeaders(refused.status(), -1);
    close();
  }

  @Override
  public Headers getRequestHeaders() {
    return requestHeaders;
  }

  @Override
  public InputStream getRequestBody() {
    return body == null ? exchange.getRequestBody() : body;
  }

  @Override
  public void close() {
    try {
      if (body != null) {
        body.close();
      }
    } catch (IOException gone) {
      // The server's close, which follows, ends the connection.
    } finally {
      exchange.close();
    }
  }
}
