package dev.perfkit.crypto;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import dev.perfkit.spi.Beta;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/**
 * Encrypts values that are too large for an array as streams of segments. Made by {@link
 * FieldCipher#streams}.
 *
 * <p>It is Tink's AES-GCM-HKDF streaming AEAD behind our header: each stream has a salt and so a
 * key of its own, and each segment knows its place and whether it is the last. A stream holds a few
 * segments in memory.
 *
 * <p>Safe for use by any number of threads; each stream is for one. Lives as long as its cipher,
 * but for streams that were begun.
 */
@Beta
public final class StreamCipher {

  /** The bytes of a segment, tag included. */
  public static final int SEGMENT_BYTES = 64 * 1024;

  private static final String FORM = "stream";
  private static final int KEY_BYTES = 32;

  private final MessageCipher messages;

  StreamCipher(MessageCipher messages) {
    this.messages = messages;
  }

  /**
   * Returns a stream that encrypts what is written to it. It is complete when it is closed, which
   * closes the target: a writer that fails halfway must discard the target.
   *
   * @param target gets a header at once and a segment whenever one is full
   * @throws IOException if the target fails
   * @throws EncryptException if the provider failed
   * @throws IllegalStateException if the cipher is closed
   */
  public OutputStream encrypting(OutputStream target, CipherContext where) throws IOException {
    FieldKey key = messages.primary();
    byte[] associatedData = where.inForm(FORM).encoded();
    try {
      AesGcmHkdfStreaming streaming = streaming(key);
      target.write(Suite.STREAM.header(key.id()));
      return new SealingStream(messages, streaming.newEncryptingStream(target, associatedData));
    } catch (GeneralSecurityException | RuntimeException failure) {
      throw messages.sealFailed(failure);
    }
  }

  /**
   * Returns a stream that decrypts what {@link #encrypting} wrote. Each segment is authentic when
   * it is read, but that nothing is missing is known only at the end of the stream: do not act on
   * what was read before. Reading throws {@link DecryptException} ({@code NOT_AUTHENTIC}) on a
   * change anywhere, also on truncation.
   *
   * @param source is closed with the stream
   * @throws IOException if the source fails
   * @throws DecryptException if it does not begin as such a stream does, or its key is unknown or
   *     disabled
   * @throws IllegalStateException if the cipher is closed
   */
  public InputStream decrypting(InputStream source, CipherContext where) throws IOException {
    messages.requireOpen();
    byte[] associatedData = where.inForm(FORM).encoded();
    byte[] header = source.readNBytes(Suite.HEADER_BYTES);
    try {
      int id = Suite.STREAM.keyId(messages.cannotDecrypt(), header, Suite.HEADER_BYTES);
      FieldKey key = messages.decryptingKey(id);
      return new OpeningStream(messages, streaming(key), source, associatedData);
    } catch (DecryptException failure) {
      throw messages.noted(failure);
    } catch (GeneralSecurityException | RuntimeException failure) {
      throw messages.noted(messages.openFailed(failure));
    }
  }

  private static AesGcmHkdfStreaming streaming(FieldKey key) throws GeneralSecurityException {
    byte[] derived = key.derive(Suite.STREAM, KEY_BYTES);
    try {
      return new AesGcmHkdfStreaming(derived, "HmacSha256", KEY_BYTES, SEGMENT_BYTES, 0);
    } finally {
      Arrays.fill(derived, (byte) 0);
    }
  }
}
