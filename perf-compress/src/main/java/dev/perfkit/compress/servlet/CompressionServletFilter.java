package dev.perfkit.compress.servlet;

import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.RequestRefusedException;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the responses of servlets. To be mapped for the dispatcher types {@code REQUEST}, {@code
 * ASYNC} and {@code ERROR}, with async supported, before filters that set header fields:
 *
 * <pre>{@code
 * FilterRegistration.Dynamic filter =
 *     context.addFilter("compression", CompressionServletFilter.of(compressor));
 * filter.setAsyncSupported(true);
 * filter.addMappingForUrlPatterns(EnumSet.of(REQUEST, ASYNC, ERROR), false, "/*");
 * }</pre>
 *
 * <p>A body is held back until the servlet is done, then encoded and sent with its exact length. A
 * body that grows over the limit, one that is flushed before its end, and a stream of events are
 * encoded as they come; each flush reaches the client. A servlet that fails before the end of a
 * body that is held back has sent nothing; one that fails later leaves the client with a response
 * that shows that it was cut. A body that is written with a {@code WriteListener} is sent as it is.
 *
 * <p>Safe for use by any number of requests at once. The compressor remains the caller's.
 */
@Beta
public final class CompressionServletFilter implements Filter {

  /** The largest identity body that is held back unless another size is given: 1 MiB. */
  public static final ByteSize DEFAULT_MAXIMUM_BODY = ByteSize.ofMebibytes(1);

  private static final String RESPONSE = CompressionServletFilter.class.getName() + ".response";

  private final ResponseCompressor compressor;
  private final int maximumBody;
  private final @Nullable RequestDecoder requests;

  private CompressionServletFilter(
      ResponseCompressor compressor, int maximumBody, @Nullable RequestDecoder requests) {
    this.compressor = compressor;
    this.maximumBody = maximumBody;
    this.requests = requests;
  }

  /** Returns a filter that holds back up to {@link #DEFAULT_MAXIMUM_BODY}. */
  public static CompressionServletFilter of(ResponseCompressor compressor) {
    return of(compressor, DEFAULT_MAXIMUM_BODY);
  }

  /**
   * Returns a filter.
   *
   * @param maximumBody the largest identity body that is held back, at most 2^31 - 1 bytes; each
   *     response under way may take that much memory
   * @throws ArithmeticException if the size is larger
   */
  public static CompressionServletFilter of(ResponseCompressor compressor, ByteSize maximumBody) {
    Objects.requireNonNull(compressor, "compressor");
    return new CompressionServletFilter(compressor, maximumBody.toIntBytes(), null);
  }

  /**
   * Returns a filter that also decodes the bodies of requests. The servlet sees neither their
   * {@code Content-Encoding} nor the length and digests of what was sent; an encoded body is read
   * by {@code getInputStream} or {@code getReader}, not as parameters and not with a {@code
   * ReadListener}. If the servlet lets the {@link RequestRefusedException} of a body pass before it
   * has sent a head, the filter answers.
   */
  public CompressionServletFilter decoding(RequestDecoder requests) {
    return new CompressionServletFilter(
        compressor, maximumBody, Objects.requireNonNull(requests, "requests"));
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest http
        && response instanceof HttpServletResponse answer) {
      filter(http, answer, chain);
    } else {
      chain.doFilter(request, response);
    }
  }

  private void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    CompressedResponse compressed = responseOf(request, response);
    boolean handled = false;
    try {
      HttpServletRequest whole =
          compressed.ignoresRange() ? new RangelessRequest(request) : request;
      HttpServletRequest decoded = DecodedRequest.of(whole, requests);
      chain.doFilter(new CompressedRequest(decoded, compressed), compressed);
      if (!request.isAsyncStarted()) {
        compressed.finish();
      }
      handled = true;
    } catch (RequestRefusedException refused) {
      handled = refuse(refused, response);
      if (!handled) {
        throw refused;
      }
    } finally {
      if (!handled) {
        compressed.abort();
      }
    }
  }

  /** Returns the response of an earlier dispatch of this request, if it goes on, or a new one. */
  private CompressedResponse responseOf(HttpServletRequest request, HttpServletResponse response) {
    if (request.getDispatcherType() == DispatcherType.ASYNC
        && request.getAttribute(RESPONSE) instanceof CompressedResponse earlier) {
      return earlier;
    }
    CompressedResponse fresh = new CompressedResponse(request, response, compressor, maximumBody);
    request.setAttribute(RESPONSE, fresh);
    return fresh;
  }

  private boolean refuse(RequestRefusedException refused, HttpServletResponse response)
      throws IOException {
    if (response.isCommitted()) {
      return false;
    }
    response.reset();
    if (refused.status() == 415 && requests != null) {
      response.setHeader("Accept-Encoding", requests.acceptEncoding());
    }
    // What is left of the body is not read: it may be long.
    response.setHeader("Connection", "close");
    response.setStatus(refused.status());
    response.flushBuffer();
    return true;
  }
}
