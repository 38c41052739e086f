package dev.perfkit.testkit.net;

import dev.perfkit.spi.support.WorkerThreads;
import dev.perfkit.testkit.internal.Ports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** A server that sends back what it gets, and remembers how its connections ended. */
final class EchoTarget implements AutoCloseable {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ServerSocket listener;
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final List<String> endings = new CopyOnWriteArrayList<>();
  private final AtomicLong received = new AtomicLong();

  private EchoTarget(int port) throws IOException {
    listener = new ServerSocket();
    listener.bind(new InetSocketAddress(Ports.loopback(), port));
    threads.execute(this::acceptAll);
  }

  static EchoTarget start() throws IOException {
    return on(Ports.free());
  }

  static EchoTarget on(int port) throws IOException {
    return new EchoTarget(port);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How many bytes came in. */
  long received() {
    return received.get();
  }

  /** How connections ended: {@code end}, or the message of the exception. */
  List<String> endings() {
    return endings;
  }

  void resetConnections() throws IOException {
    for (Socket socket : open) {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  /** Returns when nobody listens any more: until the accepting thread is gone, somebody might. */
  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
    WorkerThreads.stop(threads, Duration.ofSeconds(20));
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        if (listener.isClosed()) {
          socket.close();
        }
        threads.execute(() -> echo(socket));
      }
    } catch (IOException | RejectedExecutionException closed) {
      endings.add("listener closed");
    }
  }

  private void echo(Socket socket) {
    byte[] buffer = new byte[8_192];
    try (socket) {
      for (int count = 0; count >= 0; count = socket.getInputStream().read(buffer)) {
        received.addAndGet(count);
        socket.getOutputStream().write(buffer, 0, count);
      }
      endings.add("end");
    } catch (IOException broken) {
      endings.add(String.valueOf(broken.getMessage()));
    }
  }
}
