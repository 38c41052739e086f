package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import java.io.IOException;
import java.io.InputStream;

/**
 * Decodes bodies of one coding, whoever wrote them. Size and ratio of what comes out are held
 * against the limits of the {@link RequestDecoder}; how much memory is taken on the way is the
 * decoder's own to limit. Safe for use by any number of threads.
 */
@Beta
public interface BodyDecoder {

  /**
   * Returns the most memory that the decoder of one body takes, such as the largest window it lets
   * pass. So much is counted against {@link RequestDecoder.Builder#maximumMemory}.
   */
  ByteSize memory();

  /**
   * Returns the decoded body. Reading it throws an {@link IOException} for a body that is damaged
   * or needs more than {@link #memory}; an {@link java.io.EOFException} if it is cut short. Closing
   * it frees the memory.
   *
   * @param maximumSize as many decoded bytes are read at most, one over tells that there are more
   * @throws IOException as reading does
   */
  InputStream decode(InputStream encoded, ByteSize maximumSize) throws IOException;
}
