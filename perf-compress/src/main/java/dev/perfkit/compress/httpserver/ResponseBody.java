package dev.perfkit.compress.httpserver;

import dev.perfkit.compress.Decision;
import dev.perfkit.compress.EncodedStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The body as a handler writes it: held back until it is complete, streamed, or dropped. */
final class ResponseBody extends OutputStream {

  /** A body held back that is to be encoded. */
  private record Held(Decision decision, long declared, int maximum, ByteArrayOutputStream bytes) {

    boolean hasDeclaredLength() {
      return declared != CompressedExchange.ANY_LENGTH;
    }

    boolean isIncomplete() {
      return hasDeclaredLength() && bytes.size() < declared;
    }

    boolean hasRoomFor(int more) {
      return more <= maximum - bytes.size();
    }
  }

  private final CompressedExchange exchange;
  private @Nullable Held held;
  private @Nullable EncodedStream stream;
  private @Nullable OutputStream passedOn;
  private boolean closed;

  ResponseBody(CompressedExchange exchange) {
    this.exchange = exchange;
  }

  void hold(Decision decision, long length, int maximum) {
    held = new Held(decision, length, maximum, new ByteArrayOutputStream((int) length));
  }

  void pass(OutputStream to) {
    held = null;
    passedOn = to;
  }

  void stream(EncodedStream encoded, OutputStream to) {
    held = null;
    stream = encoded;
    passedOn = encoded.to(to);
  }

  /** Frees what a stream holds; does nothing after its end. */
  void abort() {
    if (stream != null) {
      stream.abort();
    }
  }

  void discard() {
    passedOn = OutputStream.nullOutputStream();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (closed) {
      throw new IOException("stream closed");
    }
    Held now = held;
    if (now == null) {
      passedOn().write(bytes, offset, length);
    } else if (now.hasDeclaredLength() && length > now.declared() - now.bytes().size()) {
      throw new IOException("too many bytes to write to stream");
    } else if (now.hasRoomFor(length)) {
      now.bytes().write(bytes, offset, length);
    } else {
      streamOn(now).write(bytes, offset, length);
    }
  }

  /** Of undeclared length, a body that is flushed is wanted now: it is encoded as it comes. */
  @Override
  public void flush() throws IOException {
    Held now = held;
    if (now == null) {
      if (passedOn != null && !closed) {
        passedOn.flush();
      }
    } else if (!now.hasDeclaredLength() && now.bytes().size() > 0) {
      streamOn(now).flush();
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      complete();
      if (passedOn != null) {
        passedOn.close();
      }
    }
  }

  /**
   * Sends what is still held back; nothing can be written after. A body that is encoded is then
   * sent and closed; one that was cut short is not closed, because closing it fails.
   */
  void complete() throws IOException {
    closed = true;
    Held now = held;
    held = null;
    if (now != null && now.isIncomplete()) {
      letGo(now);
    } else if (now != null) {
      exchange.sendWhole(now.decision(), now.bytes().toByteArray());
    } else if (stream != null) {
      passedOn().close();
    }
  }

  private OutputStream streamOn(Held now) throws IOException {
    held = null;
    exchange.streamHeld(now.decision(), now.declared(), now.bytes().toByteArray());
    return passedOn();
  }

  private OutputStream letGo(Held now) throws IOException {
    exchange.passHeld(now.decision(), now.declared(), now.bytes().toByteArray());
    return passedOn();
  }

  private OutputStream passedOn() throws IOException {
    if (passedOn == null) {
      throw new IOException("response headers not sent yet");
    }
    return passedOn;
  }
}
