package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A view of the header fields of a message, as any server can give it in one line:
 *
 * <pre>{@code
 * Headers jdk = exchange.getRequestHeaders()::get;
 * Headers servletResponse = response::getHeaders;
 * Headers servletRequest = name -> Collections.list(request.getHeaders(name));
 * }</pre>
 *
 * Read only during the call it is passed to, on the calling thread.
 */
@Beta
@FunctionalInterface
public interface Headers {

  /**
   * Returns the values of all field lines of a name, in order; null or empty when there is none. A
   * view that gave only the first line would make negotiation wrong.
   *
   * @param name to be compared without regard to case
   */
  @Nullable Collection<String> all(String name);
}
