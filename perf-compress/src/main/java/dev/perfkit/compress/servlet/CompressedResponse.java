package dev.perfkit.compress.servlet;

import dev.perfkit.compress.Decision;
import dev.perfkit.compress.EncodedBody;
import dev.perfkit.compress.EncodedStream;
import dev.perfkit.compress.RequestHead;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.ResponseHead;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A response whose body is held back until it is complete or wanted. Like every response, for one
 * thread at a time.
 */
final class CompressedResponse extends HttpServletResponseWrapper {

  private static final String CONTENT_LENGTH = "Content-Length";

  private final RequestHead request;
  private final ResponseCompressor compressor;
  private final HeldHeaders held = new HeldHeaders();
  private final CompressedOutput output;
  private @Nullable PrintWriter writer;
  private boolean outputTaken;
  private boolean encoded;
  private boolean trailed;

  CompressedResponse(
      HttpServletRequest request,
      HttpServletResponse response,
      ResponseCompressor compressor,
      int maximumBody) {
    super(response);
    this.request =
        new RequestHead(
            request.getMethod(),
            name -> Collections.list(request.getHeaders(name)),
            target(request));
    this.compressor = compressor;
    this.output = new CompressedOutput(this, maximumBody);
  }

  private static String target(HttpServletRequest request) {
    String query = request.getQueryString();
    return request.getRequestURL() + (query == null ? "" : "?" + query);
  }

  /** Sends what is held back and ends the body. Further calls do nothing. */
  void finish() throws IOException {
    if (writer != null) {
      writer.close();
    }
    output.close();
  }

  /** Frees what the response holds, without ending it. Further calls do nothing. */
  void abort() {
    output.abort();
  }

  /** Returns whether the servlet must not see that a range is asked for. */
  boolean ignoresRange() {
    return compressor.ignoresRange(request);
  }

  /** Events are not held back; no body of declared length has fields after it. */
  boolean isStreamed() {
    return trailed || ResponseCompressor.isStreamed(getContentType());
  }

  boolean isHead() {
    return request.method().equals("HEAD");
  }

  /** Returns the length the servlet declared, or -1. */
  long declaredLength() {
    String declared = held.first(CONTENT_LENGTH);
    try {
      return declared == null ? -1 : Long.parseLong(declared.trim());
    } catch (NumberFormatException wrong) {
      return -1;
    }
  }

  /** Decides about a complete body, and sends the head; what is returned goes out as the body. */
  byte[] sendHead(byte[] body) {
    EncodedBody encoded =
        compressor.compress(request, head(isHead() ? declaredLength() : body.length), body);
    byte[] bytes = encoded.bytes();
    if (bytes.length > 0) {
      setContentLengthLong(bytes.length);
    }
    release(encoded.decision());
    return bytes;
  }

  /** Sends the head of a body that is encoded as it comes. */
  EncodedStream startStream() {
    EncodedStream stream = compressor.stream(compressor.decide(request, head(declaredLength())));
    release(stream.decision());
    return stream;
  }

  /** Sends the head of a body that goes out as it is. */
  void declineHead() {
    release(compressor.decline(compressor.decide(request, head(declaredLength()))));
  }

  private ResponseHead head(long length) {
    return new ResponseHead(getStatus(), this::linesOf, Math.max(-1, length));
  }

  /** Content types are no header field in every container. */
  private Collection<String> linesOf(String name) {
    if (name.equalsIgnoreCase("Content-Type")) {
      String type = getContentType();
      return type == null ? List.of() : List.of(type);
    }
    return getHeaders(name);
  }

  private void release(Decision decision) {
    encoded = decision.encodes();
    decision.changes().applyTo(this::setHeader, this::removeHeader);
    if (decision.status() != getStatus()) {
      setStatus(decision.status());
    }
    long length = declaredLength();
    held.set(CONTENT_LENGTH, null);
    held.release(super::addHeader);
    if (length >= 0) {
      super.setContentLengthLong(length);
    }
  }

  private void removeHeader(String name) {
    if (name.equalsIgnoreCase("Content-Type")) {
      setContentType(null);
    } else {
      held.set(name, null);
    }
  }

  @Override
  public ServletOutputStream getOutputStream() {
    if (writer != null) {
      throw new IllegalStateException("getOutputStream must not be called after getWriter");
    }
    outputTaken = true;
    return output;
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    if (outputTaken) {
      throw new IllegalStateException("getWriter must not be called after getOutputStream");
    }
    PrintWriter now = writer;
    if (now == null) {
      String charset = getCharacterEncoding();
      setCharacterEncoding(charset);
      now = new BodyWriter(new OutputStreamWriter(output, charset));
      writer = now;
    }
    return now;
  }

  /** Closing a writer flushes what is beneath, which would look as if the body were wanted now. */
  private final class BodyWriter extends PrintWriter {

    BodyWriter(OutputStreamWriter out) {
      super(out);
    }

    @Override
    public void close() {
      output.endWithNextFlush();
      super.close();
    }
  }

  @Override
  public void flushBuffer() throws IOException {
    if (writer != null) {
      writer.flush();
    }
    output.flushNow();
    super.flushBuffer();
  }

  @Override
  public void reset() {
    super.reset();
    held.clear();
    output.reset();
    writer = null;
    outputTaken = false;
  }

  @Override
  public void resetBuffer() {
    super.resetBuffer();
    output.reset();
  }

  @Override
  public void sendError(int status) throws IOException {
    dropBody();
    super.sendError(status);
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    dropBody();
    super.sendError(status, message);
  }

  @Override
  public void sendRedirect(String location) throws IOException {
    dropBody();
    super.sendRedirect(location);
  }

  private void dropBody() {
    if (!isCommitted()) {
      output.discard();
      held.set(CONTENT_LENGTH, null);
      held.release(super::addHeader);
    }
  }

  @Override
  public void setContentLength(int length) {
    setContentLengthLong(length);
  }

  @Override
  public void setContentLengthLong(long length) {
    held.set(CONTENT_LENGTH, length < 0 ? null : Long.toString(length));
  }

  @Override
  public void setTrailerFields(@Nullable Supplier<Map<String, String>> fields) {
    trailed = fields != null;
    super.setTrailerFields(fields == null ? null : () -> trailers(fields.get()));
  }

  private @Nullable Map<String, String> trailers(@Nullable Map<String, String> fields) {
    return encoded ? Digests.removed(fields) : fields;
  }

  @Override
  public void setHeader(String name, @Nullable String value) {
    if (isHeld(name)) {
      held.set(name, value);
    } else {
      super.setHeader(name, value);
    }
  }

  @Override
  public void addHeader(String name, @Nullable String value) {
    if (isHeld(name)) {
      held.add(name, value);
    } else {
      super.addHeader(name, value);
    }
  }

  @Override
  public void setIntHeader(String name, int value) {
    if (isHeld(name)) {
      held.set(name, Integer.toString(value));
    } else {
      super.setIntHeader(name, value);
    }
  }

  @Override
  public void addIntHeader(String name, int value) {
    if (isHeld(name)) {
      held.add(name, Integer.toString(value));
    } else {
      super.addIntHeader(name, value);
    }
  }

  @Override
  public void setDateHeader(String name, long epochMillis) {
    if (isHeld(name)) {
      held.set(name, httpDate(epochMillis));
    } else {
      super.setDateHeader(name, epochMillis);
    }
  }

  @Override
  public void addDateHeader(String name, long epochMillis) {
    if (isHeld(name)) {
      held.add(name, httpDate(epochMillis));
    } else {
      super.addDateHeader(name, epochMillis);
    }
  }

  private static String httpDate(long epochMillis) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(
        Instant.ofEpochMilli(epochMillis).atOffset(ZoneOffset.UTC));
  }

  /** After the head is sent the container is told, which ignores it as always. */
  private boolean isHeld(String name) {
    return HeldHeaders.holds(name) && !output.hasSentHead();
  }

  @Override
  public boolean containsHeader(String name) {
    return held.first(name) != null || super.containsHeader(name);
  }

  @Override
  public @Nullable String getHeader(String name) {
    String first = held.first(name);
    return first != null ? first : super.getHeader(name);
  }

  @Override
  public Collection<String> getHeaders(String name) {
    List<String> lines = held.all(name);
    return lines.isEmpty() ? super.getHeaders(name) : lines;
  }

  @Override
  public Collection<String> getHeaderNames() {
    Collection<String> names = new LinkedHashSet<>(super.getHeaderNames());
    names.addAll(held.names());
    return names;
  }
}
