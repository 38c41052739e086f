package dev.perfkit.compress.servlet;

import dev.perfkit.compress.HostileScenarios;
import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.ResponseCompressor;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Proves the servlet filter in Tomcat against hostile clients and failing servlets. */
class TomcatHostileIT extends HostileScenarios {

  @TempDir private Path folder;
  private final TomcatContainer container = new TomcatContainer();

  @Override
  protected int start(ResponseCompressor compressor, RequestDecoder requests, Handler handler)
      throws Exception {
    return container.start(
        folder,
        CompressionServletFilter.of(compressor).decoding(requests),
        ServletExchange.servlet(handler));
  }

  @Override
  protected void stop() throws Exception {
    container.stop();
  }
}
