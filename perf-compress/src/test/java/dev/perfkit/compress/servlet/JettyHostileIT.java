package dev.perfkit.compress.servlet;

import dev.perfkit.compress.HostileScenarios;
import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.ResponseCompressor;

/** Proves the servlet filter in Jetty against hostile clients and failing servlets. */
class JettyHostileIT extends HostileScenarios {

  private final JettyContainer container = new JettyContainer();

  @Override
  protected int start(ResponseCompressor compressor, RequestDecoder requests, Handler handler)
      throws Exception {
    return container.start(
        CompressionServletFilter.of(compressor).decoding(requests),
        ServletExchange.servlet(handler));
  }

  @Override
  protected void stop() throws Exception {
    container.stop();
  }
}
