package dev.perfkit.testkit.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a proxy. Everything but {@link #call}, {@link #stop} and the volatile fields is
 * touched by this thread alone; others hand it commands and wait until they are done.
 */
final class ProxyLoop implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(ProxyLoop.class);
  private static final Duration COMMAND_WAIT = Duration.ofSeconds(10);

  private final InetSocketAddress address;
  private final InetSocketAddress target;
  private final Selector selector;
  private final Queue<FutureTask<?>> commands = new ConcurrentLinkedQueue<>();
  private final Set<Link> links = new LinkedHashSet<>();
  private @Nullable ServerSocketChannel listener;
  private final Line toTarget = new Line();
  private final Line toClient = new Line();
  private volatile int connections;
  private volatile boolean stopped;

  private ProxyLoop(InetSocketAddress address, InetSocketAddress target, Selector selector) {
    this.address = address;
    this.target = target;
    this.selector = selector;
  }

  static ProxyLoop open(InetSocketAddress address, InetSocketAddress target) throws IOException {
    Selector selector = Selector.open();
    ProxyLoop loop = new ProxyLoop(address, target, selector);
    try {
      loop.listen();
      return loop;
    } catch (IOException failed) {
      selector.close();
      throw failed;
    }
  }

  InetSocketAddress address() {
    return address;
  }

  int connections() {
    return connections;
  }

  /** A change that the loop's thread makes. */
  @FunctionalInterface
  interface Command {
    void run() throws IOException;
  }

  /** Has the loop's thread run a command and waits until it has. */
  void call(String what, Command command) {
    FutureTask<?> task =
        new FutureTask<>(
            () -> {
              command.run();
              return null;
            });
    commands.add(task);
    selector.wakeup();
    if (stopped) {
      task.cancel(false);
    }
    await(what, task);
  }

  private void await(String what, FutureTask<?> task) {
    try {
      task.get(COMMAND_WAIT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (CancellationException closed) {
      throw failure(what, "it is closed", closed);
    } catch (ExecutionException failed) {
      throw failure(what, String.valueOf(failed.getCause()), failed);
    } catch (TimeoutException tooSlow) {
      throw failure(what, "its thread did not answer within " + COMMAND_WAIT, tooSlow);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw failure(what, "the caller was interrupted", interrupted);
    }
  }

  private IllegalStateException failure(String what, String why, Exception cause) {
    return new IllegalStateException(
        "proxy on port " + address.getPort() + " cannot " + what + ": " + why, cause);
  }

  /** Asks the thread to close everything and end. */
  void stop() {
    stopped = true;
    selector.wakeup();
  }

  @Override
  public void run() {
    try {
      while (!stopped) {
        turn();
      }
    } catch (IOException | RuntimeException broken) {
      LOG.warn("proxy on port {} ended", address.getPort(), broken);
    } finally {
      stopped = true;
      closeAll();
    }
  }

  private void turn() throws IOException {
    long wait = nanosUntilNextDue();
    if (wait == Long.MAX_VALUE) {
      selector.select();
    } else if (wait > 0) {
      selector.select(TimeUnit.NANOSECONDS.toMillis(wait) + 1);
    } else {
      selector.selectNow();
    }
    runCommands();
    handleReadyKeys();
    moveBytes();
  }

  private void runCommands() throws IOException {
    for (FutureTask<?> command = commands.poll(); command != null; command = commands.poll()) {
      command.run();
    }
  }

  private void handleReadyKeys() throws IOException {
    Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
    while (ready.hasNext()) {
      SelectionKey key = ready.next();
      ready.remove();
      if (key.isValid()) {
        handle(key);
      }
    }
  }

  private void handle(SelectionKey key) throws IOException {
    if (key.attachment() instanceof Link link) {
      link.handle(key);
    } else {
      accept();
    }
  }

  private void accept() throws IOException {
    ServerSocketChannel open = listener;
    SocketChannel client = open == null ? null : open.accept();
    if (client != null) {
      links.add(Link.open(client, target, selector));
      connections = links.size();
    }
  }

  private void moveBytes() {
    long now = System.nanoTime();
    links.forEach(link -> link.flush(now, toTarget, toClient));
    links.removeIf(Link::isClosed);
    connections = links.size();
  }

  private long nanosUntilNextDue() {
    long now = System.nanoTime();
    return links.stream()
        .mapToLong(link -> link.nanosUntilDue(now, toTarget, toClient))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /** Returns the line of a direction; only for commands. */
  Line line(Direction direction) {
    return direction == Direction.TO_TARGET ? toTarget : toClient;
  }

  /** What is under way is swallowed at once: the next command may heal before bytes move again. */
  void swallow(List<Direction> directions) {
    directions.forEach(direction -> line(direction).swallow());
    moveBytes();
  }

  void cut() throws IOException {
    ServerSocketChannel open = listener;
    listener = null;
    if (open != null) {
      open.close();
    }
    closeLinks(Link::close);
  }

  void reset() throws IOException {
    closeLinks(Link::reset);
  }

  void heal() throws IOException {
    toTarget.heal();
    toClient.heal();
    listen();
  }

  private void listen() throws IOException {
    if (listener != null) {
      return;
    }
    ServerSocketChannel opened = ServerSocketChannel.open();
    try {
      opened.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      opened.bind(address);
      opened.configureBlocking(false);
      opened.register(selector, SelectionKey.OP_ACCEPT);
      listener = opened;
    } catch (IOException failed) {
      opened.close();
      throw failed;
    }
  }

  private void closeLinks(Consumer<Link> how) throws IOException {
    links.forEach(how);
    links.clear();
    connections = 0;
    releaseClosedChannels();
  }

  /** A channel's socket stays open until the selector has noticed that the channel was closed. */
  private void releaseClosedChannels() throws IOException {
    selector.selectNow();
  }

  private void closeAll() {
    try {
      cut();
      selector.close();
    } catch (IOException failed) {
      LOG.warn("proxy on port {} did not close all its sockets", address.getPort(), failed);
    }
    for (FutureTask<?> late = commands.poll(); late != null; late = commands.poll()) {
      late.cancel(false);
    }
  }
}
