package dev.perfkit.pool;

import dev.perfkit.spi.TimeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decides from what the nodes say who is written to. It promotes nobody.
 *
 * <p>A node claims to be the primary by accepting writes. Of the claims on the highest timeline
 * that was ever probed, the only one wins; all lower ones are refused, because somebody was
 * promoted since. Two servers that claim the same timeline are both refused: nothing says which one
 * the others follow. A node whose data is of another cluster is refused whatever it claims. What a
 * node said counts until it is down.
 *
 * <p>Decisions are made under a lock, one after the other, and published as one {@link Roster}.
 * Events are told, and connections of refused nodes ended, after the lock was left.
 */
final class Leadership {

  /** How often all nodes are asked while writes wait, in milliseconds. */
  static final long SEARCH_MILLIS = 200;

  private final GroupEvents events;
  private final TimeSource timeSource;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<PoolNode, Answer> answers = new HashMap<>();
  private final AtomicLong nextSearch;
  private final AtomicLong news = new AtomicLong();
  private List<PoolNode> nodes = List.of();
  private String system = "";
  private boolean started;
  private long highest;
  private @Nullable PoolNode lastWriter;
  private volatile Roster roster = new Roster(null, List.of(), "no node has answered yet", 0);

  Leadership(GroupEvents events, TimeSource timeSource) {
    this.events = events;
    this.timeSource = timeSource;
    this.nextSearch = new AtomicLong(timeSource.nanoTime());
  }

  /**
   * @param nodes the labelled primary first
   */
  void of(List<PoolNode> nodes) {
    lock.lock();
    try {
      this.nodes = List.copyOf(nodes);
      roster = new Roster(null, this.nodes, roster.vacancy(), 0);
    } finally {
      lock.unlock();
    }
  }

  Roster roster() {
    return roster;
  }

  /** From now on the cluster is the one of the first node in order that has answered. */
  void start() {
    change(
        () -> {
          adoptSystem();
          started = true;
        });
  }

  void answered(PoolNode node, Answer answer) {
    change(() -> answers.put(node, answer));
  }

  /** Nothing that a node has said counts any more. */
  void lost(PoolNode node) {
    change(() -> answers.remove(node));
  }

  /** Something was decided or happened that those who wait should look at. */
  void signal() {
    lock.lock();
    try {
      tell();
    } finally {
      lock.unlock();
    }
  }

  private void tell() {
    news.incrementAndGet();
    changed.signalAll();
  }

  /** Returns how much has happened; to be read before looking, and handed to {@link #await}. */
  long news() {
    return news.get();
  }

  /** Waits for more news, but not for long. Asks all nodes meanwhile. */
  void await(long seen, long nanos) throws InterruptedException {
    search();
    long remaining = Math.min(nanos, TimeUnit.MILLISECONDS.toNanos(SEARCH_MILLIS));
    lock.lockInterruptibly();
    try {
      while (news.get() == seen && remaining > 0) {
        remaining = changed.awaitNanos(remaining);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks all nodes, however many wait: no more often than so. */
  private void search() {
    long now = timeSource.nanoTime();
    long due = nextSearch.get();
    long next = now + TimeUnit.MILLISECONDS.toNanos(SEARCH_MILLIS);
    if (now - due >= 0 && nextSearch.compareAndSet(due, next)) {
      nodes.forEach(PoolNode::probeUnlessHeld);
    }
  }

  private void change(Runnable change) {
    List<Runnable> aftermath;
    lock.lock();
    try {
      change.run();
      aftermath = decide();
      tell();
    } finally {
      lock.unlock();
    }
    aftermath.forEach(Runnable::run);
  }

  private void adoptSystem() {
    for (PoolNode node : nodes) {
      Answer answer = answers.get(node);
      if (system.isEmpty() && answer != null) {
        system = answer.system();
      }
    }
  }

  /** Returns what is left to do without the lock. */
  private List<Runnable> decide() {
    if (started) {
      adoptSystem();
    }
    List<Runnable> aftermath = new ArrayList<>();
    Map<PoolNode, Refusal> refused = new HashMap<>();
    refuseForeign(refused);
    raiseTimeline(refused);
    PoolNode writer = choose(refused);
    for (PoolNode node : nodes) {
      Refusal refusal = refused.getOrDefault(node, Refusal.NONE);
      if (node.refuse(refusal) && !refusal.isNone()) {
        aftermath.add(() -> node.release(refusal.reason()));
        aftermath.add(() -> events.refused(node, refusal));
      }
    }
    publish(writer, refused, aftermath);
    return aftermath;
  }

  private void refuseForeign(Map<PoolNode, Refusal> refused) {
    answers.forEach(
        (node, answer) -> {
          if (!system.isEmpty() && !answer.system().isEmpty() && !answer.system().equals(system)) {
            refused.put(node, Refusal.foreign(answer.system(), system));
          }
        });
  }

  private void raiseTimeline(Map<PoolNode, Refusal> refused) {
    answers.forEach(
        (node, answer) -> {
          if (!refused.containsKey(node)) {
            highest = Math.max(highest, answer.timeline());
          }
        });
  }

  private @Nullable PoolNode choose(Map<PoolNode, Refusal> refused) {
    List<PoolNode> claimants = new ArrayList<>();
    for (PoolNode node : nodes) {
      Answer answer = answers.get(node);
      if (answer == null || answer.role() != NodeRole.PRIMARY || refused.containsKey(node)) {
        continue;
      }
      if (answer.timeline() < highest) {
        refused.put(node, Refusal.stale(answer.timeline(), highest));
      } else {
        claimants.add(node);
      }
    }
    if (claimants.isEmpty()) {
      return null;
    }
    PoolNode first = claimants.get(0);
    if (claimants.stream().allMatch(node -> isSameServer(first, node))) {
      return first;
    }
    Refusal ambiguous = Refusal.ambiguous(highest, claimants.stream().map(PoolNode::name).toList());
    claimants.forEach(node -> refused.put(node, ambiguous));
    return null;
  }

  private boolean isSameServer(PoolNode one, PoolNode other) {
    Answer first = answers.get(one);
    Answer second = answers.get(other);
    return one == other || (first != null && second != null && first.isOfSameServer(second));
  }

  private void publish(
      @Nullable PoolNode writer, Map<PoolNode, Refusal> refused, List<Runnable> aftermath) {
    Roster before = roster;
    List<PoolNode> readers =
        nodes.stream().filter(node -> node != writer && !refused.containsKey(node)).toList();
    String vacancy = writer == null ? vacancy(refused) : "";
    roster = new Roster(writer, readers, vacancy, highest);
    if (lastWriter == null) {
      lastWriter = writer;
    }
    if (!started || before.writer() == writer) {
      return;
    }
    if (writer == null) {
      aftermath.add(() -> events.noPrimary(vacancy));
      aftermath.add(() -> nodes.forEach(PoolNode::probeUnlessHeld));
      return;
    }
    PoolNode former = lastWriter;
    lastWriter = writer;
    if (former != null && former != writer) {
      long timeline = highest;
      aftermath.add(() -> events.primaryChanged(former, writer, timeline));
    }
  }

  private String vacancy(Map<PoolNode, Refusal> refused) {
    List<String> said = new ArrayList<>();
    for (PoolNode node : nodes) {
      Refusal refusal = refused.get(node);
      Answer answer = answers.get(node);
      String why;
      if (refusal != null) {
        why = refusal.reason();
      } else if (answer == null) {
        String problem = node.condition().problem();
        why = problem.isEmpty() ? "does not answer" : problem;
      } else {
        why = "its last probe answered pg_is_in_recovery() = true";
      }
      said.add("'" + node.name() + "': " + why);
    }
    return String.join("; ", said);
  }
}
