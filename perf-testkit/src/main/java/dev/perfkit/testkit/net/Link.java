package dev.perfkit.testkit.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client's connection and the one to the target that belongs to it. For the loop's thread. */
final class Link {

  private static final Logger LOG = LoggerFactory.getLogger(Link.class);

  private final SocketChannel client;
  private final SocketChannel server;
  private final SelectionKey clientKey;
  private final SelectionKey serverKey;
  private final Stream toTarget;
  private final Stream toClient;
  private boolean broken;

  private Link(SocketChannel client, SocketChannel server, Selector selector) throws IOException {
    this.client = client;
    this.server = server;
    this.toTarget = new Stream(client, server);
    this.toClient = new Stream(server, client);
    this.clientKey = register(client, selector, 0);
    this.serverKey = register(server, selector, SelectionKey.OP_CONNECT);
  }

  private SelectionKey register(SocketChannel channel, Selector selector, int interest)
      throws IOException {
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return channel.register(selector, interest, this);
  }

  /** Begins to connect a client with the target; a failure shows as a reset of the client. */
  static Link open(SocketChannel client, InetSocketAddress target, Selector selector)
      throws IOException {
    Link link = new Link(client, SocketChannel.open(), selector);
    link.connect(target);
    return link;
  }

  private void connect(InetSocketAddress target) {
    try {
      if (server.connect(target)) {
        listen();
      }
    } catch (IOException refused) {
      fail(refused);
    }
  }

  /** A failure of one side is passed on as a reset of the other with the next flush. */
  void handle(SelectionKey key) {
    try {
      if (key.isConnectable()) {
        server.finishConnect();
      }
      if (key.isReadable()) {
        (key == clientKey ? toTarget : toClient).read(System.nanoTime());
      }
    } catch (IOException failure) {
      fail(failure);
    }
  }

  /** Passes on what is due, then waits for whatever can happen next. */
  void flush(long now, Line targetLine, Line clientLine) {
    if (broken) {
      resetUnlessSwallowed(targetLine, clientLine);
      return;
    }
    if (isClosed() || !server.isConnected()) {
      return;
    }
    try {
      toTarget.write(now, targetLine);
      toClient.write(now, clientLine);
      if (toTarget.isFinished() && toClient.isFinished()) {
        close();
      } else {
        listen();
      }
    } catch (IOException failure) {
      fail(failure);
      resetUnlessSwallowed(targetLine, clientLine);
    }
  }

  /** In a black hole neither side learns that the other is gone. */
  private void resetUnlessSwallowed(Line targetLine, Line clientLine) {
    if (!targetLine.isSwallowing() && !clientLine.isSwallowing()) {
      reset();
    }
  }

  long nanosUntilDue(long now, Line targetLine, Line clientLine) {
    if (broken || !server.isConnected()) {
      return Long.MAX_VALUE;
    }
    return Math.min(
        toTarget.nanosUntilDue(now, targetLine), toClient.nanosUntilDue(now, clientLine));
  }

  boolean isClosed() {
    return !client.isOpen();
  }

  /** Closes both connections in good order; what is under way is lost. */
  void close() {
    close(client);
    close(server);
  }

  /** Closes both connections with a reset. */
  void reset() {
    resetOnClose(client);
    resetOnClose(server);
    close();
  }

  private void listen() {
    clientKey.interestOps(interest(toTarget, toClient));
    serverKey.interestOps(interest(toClient, toTarget));
  }

  private static int interest(Stream from, Stream to) {
    return (from.hasRoom() ? SelectionKey.OP_READ : 0)
        | (to.isBlocked() ? SelectionKey.OP_WRITE : 0);
  }

  private void fail(IOException cause) {
    LOG.debug("connection broken", cause);
    broken = true;
    ignore(clientKey);
    ignore(serverKey);
  }

  private static void ignore(SelectionKey key) {
    if (key.isValid()) {
      key.interestOps(0);
    }
  }

  private static void resetOnClose(SocketChannel channel) {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException closedAlready) {
      LOG.debug("connection was closed already", closedAlready);
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException failed) {
      LOG.debug("connection did not close", failed);
    }
  }
}
