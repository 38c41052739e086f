package dev.perfkit.crypto;

import java.io.IOException;
import java.io.OutputStream;

/** What a caller writes a large plaintext to. */
final class SealingStream extends OutputStream {

  private final MessageCipher messages;
  private final OutputStream sealing;
  private long written;
  private boolean closed;

  SealingStream(MessageCipher messages, OutputStream sealing) {
    this.messages = messages;
    this.sealing = sealing;
  }

  @Override
  public void write(int one) throws IOException {
    sealing.write(one);
    written++;
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    sealing.write(source, offset, length);
    written += length;
  }

  @Override
  public void flush() throws IOException {
    sealing.flush();
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      sealing.close();
      messages.encrypted(written);
    }
  }
}
