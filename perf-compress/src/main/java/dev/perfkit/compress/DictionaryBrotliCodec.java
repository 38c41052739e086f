package dev.perfkit.compress;

import com.aayushatharva.brotli4j.encoder.PreparedDictionary;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * {@code dcb} of RFC 9842: 4 fixed bytes, the SHA-256 of the dictionary, and a brotli stream that
 * was made with the dictionary as raw content. Windows end at 4 MiB, a quarter of what clients
 * take; the dictionary is in reach whatever the window.
 *
 * <p>Levels begin at 5, below which the library does not look into a dictionary.
 *
 * <p>Loaded only where brotli4j works.
 */
final class DictionaryBrotliCodec implements Codec {

  private static final byte[] MAGIC = {(byte) 0xff, 0x44, 0x43, 0x42};

  /** The type of dictionary that the library calls raw. */
  private static final int RAW = 0;

  private final ByteBuffer content;
  private final byte[] header;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable PreparedDictionary prepared;

  DictionaryBrotliCodec(Dictionary dictionary) {
    this.content = dictionary.content();
    this.header =
        ByteBuffer.allocate(MAGIC.length + 32).put(MAGIC).put(dictionary.hash().toBytes()).array();
  }

  @Override
  public Coding coding() {
    return Coding.DICTIONARY_BROTLI;
  }

  @Override
  public Encoder newEncoder(boolean checksum) {
    return new BrotliCodec.BrotliEncoder(Encoder.PIECE, header, this::prepared);
  }

  @Override
  public Encoder newStreamEncoder() {
    return new BrotliCodec.BrotliEncoder(Encoder.STREAM_PIECE, header, this::prepared);
  }

  /** Returns the dictionary as the library has it; made once, held as long as an encoder is. */
  private PreparedDictionary prepared() {
    lock.lock();
    try {
      PreparedDictionary ready = prepared;
      if (ready == null) {
        ready =
            com.aayushatharva.brotli4j.encoder.Encoder.prepareDictionary(content.duplicate(), RAW);
        prepared = ready;
      }
      return ready;
    } finally {
      lock.unlock();
    }
  }
}
