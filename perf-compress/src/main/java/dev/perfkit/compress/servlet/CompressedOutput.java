package dev.perfkit.compress.servlet;

import dev.perfkit.compress.EncodedStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body as a servlet writes it: held back until it is complete, encoded as it comes, or sent.
 */
final class CompressedOutput extends ServletOutputStream {

  private final CompressedResponse response;
  private final int maximumBody;
  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private final byte[] one = new byte[1];
  private @Nullable EncodedStream stream;
  private @Nullable OutputStream sink;
  private @Nullable ServletOutputStream listened;
  private boolean ending;
  private boolean closed;

  CompressedOutput(CompressedResponse response, int maximumBody) {
    this.response = response;
    this.maximumBody = maximumBody;
  }

  /** Returns whether the head of the response is beyond change. */
  boolean hasSentHead() {
    return sink != null || closed;
  }

  @Override
  public void write(int b) throws IOException {
    one[0] = (byte) b;
    write(one, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (closed) {
      throw new IOException("stream closed");
    }
    if (sink == null && (length > maximumBody - held.size() || response.isStreamed())) {
      startStream();
    }
    if (sink == null) {
      held.write(bytes, offset, length);
    } else {
      sink.write(bytes, offset, length);
    }
  }

  /** A body of declared length is not wanted before its end; any other one is from here on. */
  @Override
  public void flush() throws IOException {
    if (closed) {
      return;
    }
    if (sink == null && !ending && response.declaredLength() < 0 && held.size() > 0) {
      startStream();
    }
    if (sink != null) {
      sink.flush();
    }
  }

  /** Says that the body is complete but for what is written before the next flush. */
  void endWithNextFlush() {
    ending = true;
  }

  /** Sends the head and all that was written, whatever was declared. */
  void flushNow() throws IOException {
    if (closed) {
      return;
    }
    if (sink == null) {
      startStream();
    }
    sink().flush();
  }

  private void startStream() throws IOException {
    EncodedStream started = response.startStream();
    stream = started;
    OutputStream to = response.getResponse().getOutputStream();
    sink = started.to(to);
    held.writeTo(sink());
    held.reset();
  }

  private OutputStream sink() {
    return Objects.requireNonNull(sink);
  }

  /** Ends the body: sends what is held back. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    if (sink == null) {
      closeWhole();
    } else {
      closed = true;
      sink().close();
    }
  }

  private void closeWhole() throws IOException {
    byte[] body = held.toByteArray();
    held.reset();
    long declared = response.declaredLength();
    if (!response.isHead() && declared >= 0 && declared != body.length) {
      response.declineHead(); // the container treats a wrong length as it always does
    } else {
      body = response.sendHead(body);
    }
    closed = true;
    if (body.length > 0) {
      ServletOutputStream out = response.getResponse().getOutputStream();
      out.write(body);
      out.close();
    } else if (response.getStatus() == HttpServletResponse.SC_NOT_MODIFIED) {
      // Left to end by itself, Jetty would declare a length of 0, which is not that of the 200.
      response.getResponse().flushBuffer();
    }
  }

  /** Forgets what was not sent. */
  void reset() {
    held.reset();
    ending = false;
    closed = false;
  }

  /** Forgets what was not sent; nothing is written after. */
  void discard() {
    held.reset();
    closed = true;
  }

  /** Frees what a stream holds; does nothing after its end. */
  void abort() {
    closed = true;
    if (stream != null) {
      stream.abort();
    }
  }

  @Override
  public boolean isReady() {
    return listened == null || listened.isReady();
  }

  /** From here on the container says when to write: that is for bytes that go out as they are. */
  @Override
  public void setWriteListener(WriteListener listener) {
    if (sink != null || held.size() > 0) {
      throw new IllegalStateException("a write listener must be set before the first write");
    }
    try {
      ServletOutputStream out = response.getResponse().getOutputStream();
      response.declineHead();
      sink = out;
      listened = out;
      out.setWriteListener(listener);
    } catch (IOException failure) {
      listener.onError(failure);
    }
  }
}
