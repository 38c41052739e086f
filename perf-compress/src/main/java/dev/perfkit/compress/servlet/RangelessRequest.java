package dev.perfkit.compress.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request whose range is ignored. */
final class RangelessRequest extends HttpServletRequestWrapper {

  RangelessRequest(HttpServletRequest request) {
    super(request);
  }

  private static boolean isHidden(String name) {
    return name.equalsIgnoreCase("Range") || name.equalsIgnoreCase("If-Range");
  }

  @Override
  public @Nullable String getHeader(String name) {
    return isHidden(name) ? null : super.getHeader(name);
  }

  @Override
  public long getDateHeader(String name) {
    return isHidden(name) ? -1 : super.getDateHeader(name);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
  }

  @Override
  public Enumeration<String> getHeaderNames() {
    List<String> names = Collections.list(super.getHeaderNames());
    names.removeIf(RangelessRequest::isHidden);
    return Collections.enumeration(names);
  }
}
