package dev.perfkit.compress.servlet;

import dev.perfkit.compress.RequestDecoder;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request whose body is decoded. */
final class DecodedRequest extends HttpServletRequestWrapper {

  private static final Set<String> OF_THE_ENCODED_BODY =
      Set.of("content-encoding", "content-length");

  private final Body body;
  private @Nullable BufferedReader reader;

  private DecodedRequest(HttpServletRequest request, InputStream body) {
    super(request);
    this.body = new Body(body);
  }

  /**
   * Returns a request to read; the very one if its body is not encoded, or is not to be decoded.
   */
  static HttpServletRequest of(HttpServletRequest request, @Nullable RequestDecoder decoder)
      throws IOException {
    if (decoder == null || request.getHeader("Content-Encoding") == null) {
      return request;
    }
    List<String> codings = Collections.list(request.getHeaders("Content-Encoding"));
    InputStream encoded = new Deferred(request);
    InputStream decoded = decoder.decode(codings, encoded);
    return decoded == encoded ? request : new DecodedRequest(request, decoded);
  }

  @Override
  public ServletInputStream getInputStream() {
    return body;
  }

  @Override
  public BufferedReader getReader() throws IOException {
    BufferedReader now = reader;
    if (now == null) {
      String charset = getCharacterEncoding();
      now =
          new BufferedReader(
              new InputStreamReader(
                  body, charset == null ? StandardCharsets.ISO_8859_1.name() : charset));
      reader = now;
    }
    return now;
  }

  @Override
  public int getContentLength() {
    return -1;
  }

  @Override
  public long getContentLengthLong() {
    return -1;
  }

  @Override
  public @Nullable String getHeader(String name) {
    return isHidden(name) ? null : super.getHeader(name);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
  }

  @Override
  public int getIntHeader(String name) {
    return isHidden(name) ? -1 : super.getIntHeader(name);
  }

  @Override
  public Enumeration<String> getHeaderNames() {
    List<String> names = Collections.list(super.getHeaderNames());
    names.removeIf(DecodedRequest::isHidden);
    return Collections.enumeration(names);
  }

  @Override
  public Map<String, String> getTrailerFields() {
    Map<String, String> visible = Digests.removed(super.getTrailerFields());
    return visible == null ? Map.of() : visible;
  }

  private static boolean isHidden(String name) {
    return OF_THE_ENCODED_BODY.contains(name.toLowerCase(Locale.ROOT)) || Digests.isOne(name);
  }

  /** Takes the container's stream at the first read, because a servlet may never read. */
  private static final class Deferred extends InputStream {

    private final HttpServletRequest request;

    Deferred(HttpServletRequest request) {
      this.request = request;
    }

    @Override
    public int read() throws IOException {
      return request.getInputStream().read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return request.getInputStream().read(bytes, offset, length);
    }
  }

  /** A decoded body as servlets read it. */
  private static final class Body extends ServletInputStream {

    private final InputStream decoded;
    private boolean finished;

    Body(InputStream decoded) {
      this.decoded = decoded;
    }

    @Override
    public int read() throws IOException {
      return noted(decoded.read());
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return noted(decoded.read(bytes, offset, length));
    }

    private int noted(int read) throws IOException {
      if (read < 0) {
        finished = true;
        decoded.close();
      }
      return read;
    }

    @Override
    public boolean isFinished() {
      return finished;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new IllegalStateException("an encoded body must be read without a ReadListener");
    }

    @Override
    public void close() throws IOException {
      finished = true;
      decoded.close();
    }
  }
}
