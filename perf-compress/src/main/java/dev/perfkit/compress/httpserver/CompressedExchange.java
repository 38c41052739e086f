package dev.perfkit.compress.httpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.perfkit.compress.CompressException;
import dev.perfkit.compress.Decision;
import dev.perfkit.compress.EncodedBody;
import dev.perfkit.compress.EncodedStream;
import dev.perfkit.compress.RequestHead;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.ResponseHead;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;

/**
 * An exchange whose response is decided about when the handler sends its head. Like every exchange
 * of this server, for one thread at a time.
 */
final class CompressedExchange extends ForwardingExchange {

  /** What {@link #sendResponseHeaders} takes for "no body". */
  static final long NO_BODY = -1;

  /** What {@link #sendResponseHeaders} takes for "a body of any length". */
  static final long ANY_LENGTH = 0;

  private final ResponseCompressor compressor;
  private final int maximumBody;
  private final ResponseBody body = new ResponseBody(this);
  private OutputStream shownBody = body;
  private final Headers requestHeaders;
  private int status = -1;

  CompressedExchange(HttpExchange exchange, ResponseCompressor compressor, int maximumBody) {
    super(exchange);
    this.compressor = compressor;
    this.maximumBody = maximumBody;
    this.requestHeaders =
        compressor.ignoresRange(
                new RequestHead(exchange.getRequestMethod(), exchange.getRequestHeaders()::get))
            ? withoutRange(exchange.getRequestHeaders())
            : exchange.getRequestHeaders();
  }

  private static Headers withoutRange(Headers headers) {
    Headers visible = new Headers();
    visible.putAll(headers);
    visible.remove("Range");
    visible.remove("If-Range");
    return visible;
  }

  @Override
  public Headers getRequestHeaders() {
    return requestHeaders;
  }

  /**
   * Takes the head of the response.
   *
   * @param length over 0 for so many bytes, 0 for any number of them, -1 for none
   */
  @Override
  public void sendResponseHeaders(int status, long length) throws IOException {
    if (this.status != -1) {
      throw new IOException("headers already sent");
    }
    this.status = status;
    boolean head = getRequestMethod().equals("HEAD");
    Decision decision = decide(head ? lengthOfHead(length) : lengthOfBody(length));
    if (decision.dropsBody()) {
      body.discard();
      send(decision, NO_BODY);
    } else if (!decision.needsBody() || head) {
      pass(decision, length);
    } else if (length <= maximumBody
        && !ResponseCompressor.isStreamed(getResponseHeaders().getFirst("Content-Type"))) {
      body.hold(decision, length, maximumBody);
    } else {
      stream(decision, length);
    }
  }

  /** Sends the head and has the body encoded as it comes. */
  private void stream(Decision decision, long length) throws IOException {
    EncodedStream stream = compressor.stream(decision);
    boolean sent = false;
    try {
      send(stream.decision(), stream.decision().encodes() ? ANY_LENGTH : length);
      body.stream(stream, exchange.getResponseBody());
      sent = true;
    } finally {
      if (!sent) {
        stream.abort();
      }
    }
  }

  private Decision decide(long length) {
    return compressor.decide(
        new RequestHead(getRequestMethod(), getRequestHeaders()::get, target()),
        new ResponseHead(status, getResponseHeaders()::get, length));
  }

  private String target() {
    URI uri = getRequestURI();
    String host = getRequestHeaders().getFirst("Host");
    if (uri.isAbsolute() || host == null) {
      return uri.isAbsolute() ? uri.toString() : RequestHead.UNKNOWN_TARGET;
    }
    String scheme = getHttpContext().getServer() instanceof HttpsServer ? "https://" : "http://";
    String query = uri.getRawQuery();
    return scheme + host + uri.getRawPath() + (query == null ? "" : "?" + query);
  }

  private static long lengthOfHead(long length) {
    return length > 0 ? length : ResponseHead.UNKNOWN_LENGTH;
  }

  private static long lengthOfBody(long length) {
    if (length == ANY_LENGTH) {
      return ResponseHead.UNKNOWN_LENGTH;
    }
    return length == NO_BODY ? 0 : length;
  }

  /** Sends the head as decided and lets the body through. */
  private void pass(Decision decision, long length) throws IOException {
    send(decision, length);
    body.pass(exchange.getResponseBody());
  }

  /** Sends the head, and has what was held back and the rest encoded as it comes. */
  void streamHeld(Decision decision, long length, byte[] held) throws IOException {
    stream(decision, length);
    body.write(held, 0, held.length);
  }

  /** Frees what the response holds, without ending it: its handler failed. */
  void abort() {
    body.abort();
  }

  /** Sends the head and what was held back as they are, and lets the rest through. */
  void passHeld(Decision decision, long length, byte[] held) throws IOException {
    pass(compressor.decline(decision), length);
    exchange.getResponseBody().write(held);
  }

  /** Sends a body that is complete. */
  void sendWhole(Decision decision, byte[] whole) throws IOException {
    EncodedBody encoded;
    try {
      encoded = compressor.encode(decision, whole);
    } catch (CompressException wrongLength) {
      exchange.close();
      throw new IOException(wrongLength);
    }
    byte[] bytes = encoded.bytes();
    send(encoded.decision(), bytes.length == 0 ? NO_BODY : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private void send(Decision decision, long length) throws IOException {
    Headers headers = getResponseHeaders();
    decision.changes().applyTo(headers::set, headers::remove);
    exchange.sendResponseHeaders(decision.status(), length);
  }

  /**
   * Ends the response. The server's own close comes last and finds the body open, which is how it
   * notices that a response is incomplete and ends the connection.
   */
  @Override
  public void close() {
    try {
      if (shownBody == body) {
        body.complete();
      } else {
        shownBody.close();
      }
      body.abort();
    } catch (IOException cannotBeSent) {
      // The server's close, which follows, ends the connection.
    } finally {
      exchange.close();
    }
  }

  @Override
  public OutputStream getResponseBody() {
    return shownBody;
  }

  @Override
  public void setStreams(InputStream in, OutputStream out) {
    exchange.setStreams(in, null);
    if (out != null) {
      shownBody = out;
    }
  }

  @Override
  public int getResponseCode() {
    return status;
  }
}
