package dev.perfkit.benchmarks.compress;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One response of 10 KiB over a connection of loopback that stays open, by each server with its
 * defaults: ours in front of a servlet in Jetty, Jetty's own compression handler, Undertow's,
 * Netty's, and the libraries alone at our levels, in Jetty without any negotiation. What the
 * sockets cost is in all of them. Of generated JSON or a file ({@code -p corpus=path}).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PeersBenchmark {

  /** Whose server, and the coding. */
  @Param({
    "raw-zstd",
    "perfkit-zstd",
    "jetty-zstd",
    "netty-zstd",
    "raw-br",
    "perfkit-br",
    "jetty-br",
    "netty-br",
    "raw-gzip",
    "perfkit-gzip",
    "jetty-gzip",
    "undertow-gzip",
    "netty-gzip"
  })
  public String server = "";

  /** The generated bodies, or the path of a file. */
  @Param(Corpus.GENERATED)
  public String corpus = "";

  /** Bytes of the body. */
  @Param("10240")
  public int size;

  private @Nullable PeerServer started;
  private @Nullable Socket socket;
  private InputStream in = InputStream.nullInputStream();
  private byte[] request = {};
  private int bodyBytes;
  private int identityBytes;

  /** Starts the server and connects. */
  @Setup
  public void start() throws Exception {
    byte[] body = Corpus.body(corpus, size);
    PeerServer peer = PeerServer.start(server, body);
    identityBytes = body.length;
    started = peer;
    String coding = server.substring(server.indexOf('-') + 1);
    request =
        ("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: " + coding + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    Socket connected = new Socket(InetAddress.getLoopbackAddress(), peer.port());
    connected.setTcpNoDelay(true);
    socket = connected;
    in = new BufferedInputStream(connected.getInputStream(), 1 << 16);
  }

  /** Tells the size of the body, and stops both. */
  @TearDown
  public void stop() throws Exception {
    System.out.println(server + ": " + bodyBytes + " bytes of " + identityBytes);
    if (socket != null) {
      socket.close();
    }
    if (started != null) {
      started.stop();
    }
  }

  /** Asks and reads the whole answer. */
  @Benchmark
  public int response() throws IOException {
    if (socket == null) {
      throw new IllegalStateException("not started");
    }
    socket.getOutputStream().write(request);
    int length = -1;
    boolean encoded = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      length =
          line.startsWith("content-length:") ? Integer.parseInt(line.substring(15).trim()) : length;
      encoded |= line.startsWith("content-encoding:");
    }
    int read = length >= 0 ? skip(length) : chunks();
    if (!encoded) {
      throw new IllegalStateException(server + " did not encode");
    }
    bodyBytes = read;
    return read;
  }

  private int chunks() throws IOException {
    int read = 0;
    for (int chunk = Integer.parseInt(line(), 16);
        chunk > 0;
        chunk = Integer.parseInt(line(), 16)) {
      read += skip(chunk);
      line();
    }
    line();
    return read;
  }

  private int skip(int length) throws IOException {
    in.skipNBytes(length);
    return length;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("connection closed by " + server);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString().toLowerCase(Locale.ROOT);
  }
}
