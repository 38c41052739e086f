package dev.perfkit.compress.servlet;

import dev.perfkit.compress.HostileScenarios;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A request and its response in a servlet. */
record ServletExchange(HttpServletRequest request, HttpServletResponse response)
    implements HostileScenarios.Exchange {

  /** Returns a servlet that has a handler answer. */
  static HttpServlet servlet(HostileScenarios.Handler handler) {
    return new HttpServlet() {

      private static final long serialVersionUID = 1;

      @Override
      protected void service(HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        handler.handle(new ServletExchange(request, response));
      }
    };
  }

  @Override
  public @Nullable String field(String name) {
    return request.getHeader(name);
  }

  @Override
  public InputStream requestBody() throws IOException {
    return request.getInputStream();
  }

  @Override
  public void field(String name, String value) {
    response.setHeader(name, value);
  }

  @Override
  public void status(int status) {
    response.setStatus(status);
  }

  @Override
  public OutputStream body() throws IOException {
    return response.getOutputStream();
  }
}
