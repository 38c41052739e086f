package dev.perfkit.compress.servlet;

import jakarta.servlet.http.HttpServlet;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Proves the servlet filter in Tomcat. */
class TomcatIT extends ServletScenarios {

  @TempDir private Path folder;
  private final TomcatContainer container = new TomcatContainer();

  @Override
  int start(CompressionServletFilter filter, HttpServlet servlet) throws Exception {
    return container.start(folder, filter, servlet);
  }

  @Override
  void stop() throws Exception {
    container.stop();
  }
}
