package dev.perfkit.crypto;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/**
 * What a caller reads a large plaintext from. Tink reports forgery and a broken source by the same
 * type of exception; here the source's own are let through and all others are a {@link
 * DecryptException}.
 */
final class OpeningStream extends InputStream {

  private final MessageCipher messages;
  private final Source source;
  private final InputStream opening;
  private long read;
  private boolean ended;

  OpeningStream(
      MessageCipher messages,
      AesGcmHkdfStreaming streaming,
      InputStream source,
      byte[] associatedData)
      throws GeneralSecurityException, IOException {
    this.messages = messages;
    this.source = new Source(source);
    this.opening = streaming.newDecryptingStream(this.source, associatedData);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      int count = opening.read(target, offset, length);
      note(count);
      return count;
    } catch (IOException failure) {
      if (source.failure != null) {
        throw failure;
      }
      throw messages.noted(messages.notAuthentic());
    }
  }

  @Override
  public int available() throws IOException {
    return opening.available();
  }

  @Override
  public void close() throws IOException {
    opening.close();
  }

  private void note(int count) {
    if (count >= 0) {
      read += count;
    } else if (!ended) {
      ended = true;
      messages.decrypted(read);
    }
  }

  /** Remembers that the source itself failed. */
  private static final class Source extends FilterInputStream {

    private @Nullable IOException failure;

    Source(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException broken) {
        failure = broken;
        throw broken;
      }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return super.read(target, offset, length);
      } catch (IOException broken) {
        failure = broken;
        throw broken;
      }
    }
  }
}
