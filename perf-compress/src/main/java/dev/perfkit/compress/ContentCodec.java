package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/**
 * A codec that is not built in: what the registration of a coding needs.
 *
 * <pre>{@code
 * record Lz4() implements ContentCodec {
 *   public Coding coding() {
 *     return Coding.of("lz4", 1, 1, 1);
 *   }
 *
 *   public BodyEncoder newEncoder() {
 *     return BodyEncoder.over((out, level) -> new FramedLZ4CompressorOutputStream(out));
 *   }
 * }
 * }</pre>
 *
 * <p>Safe for use by any number of threads; what it makes is for one thread at a time. A client
 * must know the coding: browsers know the built-in ones only.
 */
@Beta
public interface ContentCodec {

  /** Returns the coding: its name and levels. Always the same. */
  Coding coding();

  /**
   * Returns a new encoder. It is used for one whole body after the other, or for one body that is
   * encoded as it comes; then it is closed. For the same body and level all of them give the same
   * bytes, or their entity tags would lie.
   */
  BodyEncoder newEncoder();

  /** Returns what decodes bodies of requests; null, the default, if nothing does. */
  default @Nullable BodyDecoder decoder() {
    return null;
  }
}
