package dev.perfkit.compress.servlet;

import jakarta.servlet.http.HttpServlet;

/** Proves the servlet filter in Jetty. */
class JettyIT extends ServletScenarios {

  private final JettyContainer container = new JettyContainer();

  @Override
  int start(CompressionServletFilter filter, HttpServlet servlet) throws Exception {
    return container.start(filter, servlet);
  }

  @Override
  void stop() throws Exception {
    container.stop();
  }
}
