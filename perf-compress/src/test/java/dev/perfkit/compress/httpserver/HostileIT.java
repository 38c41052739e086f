package dev.perfkit.compress.httpserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perfkit.compress.HostileScenarios;
import dev.perfkit.compress.RequestDecoder;
import dev.perfkit.compress.ResponseCompressor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Proves the filter of the JDK's server against hostile clients and failing handlers. */
class HostileIT extends HostileScenarios {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private @Nullable HttpServer server;

  @Override
  protected int start(ResponseCompressor compressor, RequestDecoder requests, Handler handler)
      throws IOException {
    HttpServer started =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    started
        .createContext("/", exchange -> handler.handle(new JdkExchange(exchange)))
        .getFilters()
        .add(CompressionFilter.of(compressor).decoding(requests));
    started.setExecutor(threads);
    started.start();
    server = started;
    return started.getAddress().getPort();
  }

  @Override
  protected void stop() {
    if (server != null) {
      server.stop(0);
    }
    threads.shutdownNow();
  }

  private static final class JdkExchange implements HostileScenarios.Exchange {

    private final HttpExchange exchange;
    private int status = 200;

    JdkExchange(HttpExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public @Nullable String field(String name) {
      return exchange.getRequestHeaders().getFirst(name);
    }

    @Override
    public InputStream requestBody() {
      return exchange.getRequestBody();
    }

    @Override
    public void field(String name, String value) {
      exchange.getResponseHeaders().set(name, value);
    }

    @Override
    public void status(int status) {
      this.status = status;
    }

    @Override
    public OutputStream body() throws IOException {
      exchange.sendResponseHeaders(status, 0);
      return exchange.getResponseBody();
    }
  }
}
