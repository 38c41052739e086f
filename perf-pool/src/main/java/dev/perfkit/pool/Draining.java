package dev.perfkit.pool;

import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Empties nodes of what is in flight: takes them out, waits, and ends what is left. */
final class Draining {

  private static final long LOOK_MILLIS = 20;

  private final Running running;

  Draining(Running running) {
    this.running = running;
  }

  boolean node(String name, Duration atMost) {
    Options.notNegative("atMost", atMost);
    PoolNode node = running.node(name);
    node.drained(true);
    boolean inTime = drain(List.of(node), atMost);
    running.events().drained("node '" + name + "'", inTime);
    return inTime;
  }

  boolean group(Duration atMost) {
    Options.notNegative("atMost", atMost);
    running.router().drain();
    boolean inTime = drain(running.topology().all(), atMost);
    running.events().drained("the group", inTime);
    return inTime;
  }

  private static boolean drain(List<PoolNode> nodes, Duration atMost) {
    if (await(nodes, atMost)) {
      return true;
    }
    nodes.forEach(node -> node.release("its time to drain is over"));
    return false;
  }

  private static boolean await(List<PoolNode> nodes, Duration atMost) {
    long start = System.nanoTime();
    try {
      while (nodes.stream().anyMatch(node -> node.inFlight() > 0)) {
        if (System.nanoTime() - start >= atMost.toNanos()) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
