package dev.perfkit.benchmarks.compress;

import dev.perfkit.compress.Coding;
import dev.perfkit.compress.ResponseCompressor;
import dev.perfkit.compress.servlet.CompressionServletFilter;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.undertow.Undertow;
import io.undertow.server.handlers.encoding.ContentEncodingRepository;
import io.undertow.server.handlers.encoding.EncodingHandler;
import io.undertow.server.handlers.encoding.GzipEncodingProvider;
import io.undertow.util.Headers;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import org.eclipse.jetty.compression.Compression;
import org.eclipse.jetty.compression.brotli.BrotliCompression;
import org.eclipse.jetty.compression.gzip.GzipCompression;
import org.eclipse.jetty.compression.server.CompressionConfig;
import org.eclipse.jetty.compression.server.CompressionHandler;
import org.eclipse.jetty.compression.zstandard.ZstandardCompression;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** A server on a free port of loopback that answers everything with one body of JSON, encoded. */
interface PeerServer {

  String JSON = "application/json";

  /** Returns where it listens. */
  int port();

  /** Stops it. */
  void stop() throws Exception;

  /** Starts one by name. */
  static PeerServer start(String name, byte[] body) throws Exception {
    return switch (name) {
      case "raw-zstd" -> jetty(new RawHandler("zstd-3", body));
      case "raw-br" -> jetty(new RawHandler("br-5", body));
      case "raw-gzip" -> jetty(new RawHandler("gzip-6", body));
      case "perfkit-zstd" -> jetty(perfkit(Coding.ZSTD, body));
      case "perfkit-br" -> jetty(perfkit(Coding.BROTLI, body));
      case "perfkit-gzip" -> jetty(perfkit(Coding.GZIP, body));
      case "jetty-zstd" -> jetty(jettys(new ZstandardCompression(), body));
      case "jetty-br" -> jetty(jettys(new BrotliCompression(), body));
      case "jetty-gzip" -> jetty(jettys(new GzipCompression(), body));
      case "undertow-gzip" -> undertow(body);
      case "netty-zstd", "netty-br", "netty-gzip" -> netty(body);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Handler perfkit(Coding coding, byte[] body) {
    ServletContextHandler context = new ServletContextHandler("/");
    ResponseCompressor compressor = ResponseCompressor.named("peer").prefer(coding).build();
    context.addFilter(
        new FilterHolder(CompressionServletFilter.of(compressor)),
        "/*",
        EnumSet.of(DispatcherType.REQUEST));
    context.addServlet(new ServletHolder(new JsonServlet(body)), "/*");
    return context;
  }

  private static Handler jettys(Compression compression, byte[] body) {
    CompressionHandler handler = new CompressionHandler(new JsonHandler(body));
    handler.putCompression(compression);
    handler.putConfiguration("/*", CompressionConfig.builder().defaults().build());
    return handler;
  }

  private static PeerServer jetty(Handler handler) throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(handler);
    server.setStopTimeout(0);
    server.start();
    return new Started(connector.getLocalPort(), server::stop);
  }

  private static PeerServer undertow(byte[] body) {
    ContentEncodingRepository codings =
        new ContentEncodingRepository().addEncodingHandler("gzip", new GzipEncodingProvider(), 50);
    Undertow server =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(
                new EncodingHandler(codings)
                    .setNext(
                        exchange -> {
                          exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON);
                          exchange.getResponseSender().send(ByteBuffer.wrap(body));
                        }))
            .build();
    server.start();
    InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
    return new Started(address.getPort(), server::stop);
  }

  @SuppressWarnings("deprecation") // the name of the group changed in a later major version
  private static PeerServer netty(byte[] body) throws InterruptedException {
    NioEventLoopGroup threads = new NioEventLoopGroup();
    Channel channel =
        new ServerBootstrap()
            .group(threads)
            .channel(NioServerSocketChannel.class)
            .childHandler(new Pipeline(body))
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    int port = ((InetSocketAddress) channel.localAddress()).getPort();
    return new Started(port, () -> threads.shutdownGracefully().await());
  }

  /** Ends a server. */
  interface Stop {
    void run() throws Exception;
  }

  /** A server that runs. */
  record Started(int port, Stop end) implements PeerServer {

    @Override
    public void stop() throws Exception {
      end.run();
    }
  }

  /** Answers as a servlet. */
  final class JsonServlet extends HttpServlet {

    private static final long serialVersionUID = 1;
    private final transient byte[] body;

    JsonServlet(byte[] body) {
      this.body = body;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.setContentType(JSON);
      response.getOutputStream().write(body);
    }
  }

  /** Answers as a handler of Jetty. */
  final class JsonHandler extends Handler.Abstract {

    private final byte[] body;

    JsonHandler(byte[] body) {
      this.body = body;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
      response.write(true, ByteBuffer.wrap(body), callback);
      return true;
    }
  }

  /** Answers as a handler of Jetty, encoded by a library with a context for each thread. */
  final class RawHandler extends Handler.Abstract {

    private final String token;
    private final byte[] body;
    private final ThreadLocal<RawCodec> codec;

    RawHandler(String coding, byte[] body) {
      this.token = coding.substring(0, coding.indexOf('-'));
      this.body = body;
      this.codec = ThreadLocal.withInitial(() -> RawCodec.of(coding, false));
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      byte[] encoded = codec.get().encode(body);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
      response.getHeaders().put(HttpHeader.CONTENT_ENCODING, token);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, encoded.length);
      response.write(true, ByteBuffer.wrap(encoded), callback);
      return true;
    }
  }

  /** Netty's pipeline of a connection. */
  final class Pipeline extends ChannelInitializer<SocketChannel> {

    private final byte[] body;

    Pipeline(byte[] body) {
      this.body = body;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      channel
          .pipeline()
          .addLast(
              new HttpServerCodec(),
              new HttpContentCompressor(),
              new HttpObjectAggregator(1 << 16),
              new JsonChannel(body));
    }
  }

  /** Answers as a handler of Netty. */
  @ChannelHandler.Sharable
  final class JsonChannel extends SimpleChannelInboundHandler<FullHttpRequest> {

    private final byte[] body;

    JsonChannel(byte[] body) {
      this.body = body;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(body));
      response.headers().set("Content-Type", JSON).set("Content-Length", body.length);
      var unused = context.writeAndFlush(response);
    }
  }
}
