package dev.perfkit.compress.httpserver;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.RequestRefusedException;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the responses of a context of the JDK's server:
 *
 * <pre>{@code
 * server.createContext("/", handler).getFilters().add(CompressionFilter.of(compressor));
 * }</pre>
 *
 * <p>A body is held back until the handler closes it, then encoded and sent with its exact length.
 * A body that grows over the limit, one of undeclared length that is flushed before its end, and a
 * stream of events are encoded as they come, in chunks; each flush reaches the client. A handler
 * that fails before the end of a body that is still held back has sent nothing; one that fails
 * later leaves the client with a response that shows that it was cut.
 *
 * <p>Safe for use by any number of exchanges at once. The compressor remains the caller's.
 */
@Beta
public final class CompressionFilter extends Filter {

  /** The largest identity body that is held back unless another size is given: 1 MiB. */
  public static final ByteSize DEFAULT_MAXIMUM_BODY = ByteSize.ofMebibytes(1);

  private final ResponseCompressor compressor;
  private final int maximumBody;

  private final @Nullable RequestDecoder requests;

  private CompressionFilter(
      ResponseCompressor compressor, int maximumBody, @Nullable RequestDecoder requests) {
    this.compressor = compressor;
    this.maximumBody = maximumBody;
    this.requests = requests;
  }

  /** Returns a filter that holds back up to {@link #DEFAULT_MAXIMUM_BODY}. */
  public static CompressionFilter of(ResponseCompressor compressor) {
    return of(compressor, DEFAULT_MAXIMUM_BODY);
  }

  /**
   * Returns a filter.
   *
   * @param maximumBody the largest identity body that is held back, at most 2^31 - 1 bytes; each
   *     response under way may take that much memory
   * @throws ArithmeticException if the size is larger
   */
  public static CompressionFilter of(ResponseCompressor compressor, ByteSize maximumBody) {
    Objects.requireNonNull(compressor, "compressor");
    return new CompressionFilter(compressor, maximumBody.toIntBytes(), null);
  }

  /**
   * Returns a filter that also decodes the bodies of requests. The handler sees neither their
   * {@code Content-Encoding} nor the length and digests of what was sent. If the handler lets the
   * {@link RequestRefusedException} of a body pass before it has sent a head, the filter answers.
   */
  public CompressionFilter decoding(RequestDecoder requests) {
    return new CompressionFilter(
        compressor, maximumBody, Objects.requireNonNull(requests, "requests"));
  }

  @Override
  public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
    if (requests == null) {
      filter(exchange, chain);
      return;
    }
    DecodedExchange decoded = new DecodedExchange(exchange);
    try {
      decoded.decodeWith(requests);
      filter(decoded, chain);
    } catch (RequestRefusedException refused) {
      decoded.refuse(refused, requests.acceptEncoding());
    }
  }

  private void filter(HttpExchange exchange, Chain chain) throws IOException {
    CompressedExchange compressed = new CompressedExchange(exchange, compressor, maximumBody);
    boolean handled = false;
    try {
      chain.doFilter(compressed);
      handled = true;
    } finally {
      if (!handled) {
        compressed.abort();
      }
    }
  }

  @Override
  public String description() {
    return "response compression by " + compressor;
  }
}
