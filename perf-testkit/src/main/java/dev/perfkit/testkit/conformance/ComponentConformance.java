package dev.perfkit.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Components;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Component} must do: keep its identity, tell its health at any time and to any
 * thread, offer knobs that work, close once, in bounded time, and leave no thread behind.
 */
@Beta
public abstract class ComponentConformance {

  /** What a component offers beyond the least. */
  public enum Capability {
    /** A fresh one is not DOWN or DEGRADED: it needs nothing that the test does not give it. */
    HEALTHY_WHEN_FRESH,
    /** There is at least one knob. */
    HAS_KNOBS
  }

  private static final int THREADS = 4;

  private final Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
  private Component component;
  private Set<Thread> before = Set.of();

  /**
   * For subclasses.
   *
   * @param capabilities what the component offers; what it does not is not tested
   */
  protected ComponentConformance(Capability... capabilities) {
    this.capabilities.addAll(List.of(capabilities));
  }

  /** Makes a fresh component; called once for each test, which closes it. */
  protected abstract Component create();

  /**
   * Uses the component so that it does what it does, such as one load of a cache: threads and
   * connections that are made on first use must be freed too.
   */
  protected abstract void use(Component component);

  /** Returns the longest time that {@code close} may take; 10 seconds unless overridden. */
  protected Duration closesWithin() {
    return Duration.ofSeconds(10);
  }

  /** Returns how long the kit waits before it fails; shorter where it is to fail. */
  Duration patience() {
    return Duration.ofSeconds(5);
  }

  @BeforeEach
  final void make() {
    before = threads();
    component = create();
  }

  @AfterEach
  final void free() {
    component.close();
  }

  @Test
  final void identity_always_staysTheSame() {
    String kind = component.kind();
    String name = component.name();
    assertThat(kind).matches("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    assertThat(name).isNotBlank();
    component.close();
    assertThat(component.kind()).isEqualTo(kind);
    assertThat(component.name()).isEqualTo(name);
  }

  @Test
  final void health_fresh_isKnownOrSaysWhyNot() {
    Health health = component.health();
    assertThat(health.status() == Health.Status.UP || !health.reason().isBlank()).isTrue();
    assumeTrue(capabilities.contains(Capability.HEALTHY_WHEN_FRESH));
    assertThat(health.status()).isIn(Health.Status.UP, Health.Status.UNKNOWN);
  }

  @Test
  final void health_afterClose_isDownWithAReason() {
    component.close();
    Health health = component.health();
    assertThat(health.status()).isEqualTo(Health.Status.DOWN);
    assertThat(health.reason()).isNotBlank();
  }

  @Test
  final void health_askedOften_doesNotBlock() {
    Together.inTime(
        "health() asked 1,000 times",
        patience(),
        () -> {
          for (int i = 0; i < 1_000; i++) {
            assertThat(component.health()).isNotNull();
          }
        });
  }

  @Test
  final void health_askedWhileClosing_neverFails() {
    AtomicBoolean closed = new AtomicBoolean();
    Together.run(
        THREADS,
        thread ->
            thread == 0
                ? () -> {
                  component.close();
                  closed.set(true);
                }
                : () -> {
                  do {
                    assertThat(component.health()).isNotNull();
                  } while (!closed.get());
                });
    assertThat(component.health().status()).isEqualTo(Health.Status.DOWN);
  }

  @Test
  final void knobs_always_areTheSameUnmodifiableList() {
    List<Knob> knobs = component.knobs();
    assertThat(component.knobs()).isEqualTo(knobs);
    assertThat(knobs).extracting(Knob::name).doesNotHaveDuplicates();
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(knobs::clear);
    assumeTrue(capabilities.contains(Capability.HAS_KNOBS));
    assertThat(knobs).isNotEmpty();
  }

  @Test
  final void knobs_setToTheirEnds_areInForceAtOnce() {
    for (Knob knob : component.knobs()) {
      double fresh = knob.value();
      assertThat(fresh).as("value of " + knob).isBetween(knob.min(), knob.max());
      for (double value : List.of(knob.max(), knob.min(), fresh)) {
        knob.set(value);
        assertThat(knob.value()).as("value of " + knob).isEqualTo(value);
      }
    }
  }

  @Test
  final void knobs_afterClose_canStillBeReadAndSet() {
    List<Knob> knobs = component.knobs();
    component.close();
    for (Knob knob : knobs) {
      knob.set(knob.value());
    }
  }

  @Test
  final void close_again_doesNothing() {
    component.close();
    component.close();
    assertThat(component.health().status()).isEqualTo(Health.Status.DOWN);
  }

  @Test
  final void close_byManyThreads_endsInTime() {
    Together.inTime(
        "close by " + THREADS + " threads",
        closesWithin(),
        () -> Together.run(THREADS, thread -> component::close));
  }

  @Test
  final void close_byComponents_closesIt() {
    Components all = Components.named("conformance");
    assertThat(all.add(component)).isSameAs(component);
    all.close();
    assertThat(component.health().status()).isEqualTo(Health.Status.DOWN);
  }

  @Test
  final void threads_whileOpen_areDaemonsWithAName() {
    for (Thread thread : startedByUse()) {
      assertThat(thread.isDaemon()).as("daemon: " + thread.getName()).isTrue();
      assertThat(thread.getName()).doesNotMatch("(Thread-\\d+|pool-\\d+-thread-\\d+)");
    }
  }

  @Test
  final void threads_afterClose_haveEnded() {
    Set<Thread> started = startedByUse();
    component.close();
    long deadline = System.nanoTime() + patience().toNanos();
    while (anyOurs(started) && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
    assertThat(started)
        .filteredOn(ComponentConformance::isOurs)
        .extracting(Thread::getName)
        .isEmpty();
  }

  private static boolean anyOurs(Set<Thread> threads) {
    return threads.stream().anyMatch(ComponentConformance::isOurs);
  }

  /** Returns whether a thread is one of a perfkit module, not of a library under it, and runs. */
  private static boolean isOurs(Thread thread) {
    return thread.isAlive() && thread.getName().startsWith("perf-");
  }

  private Set<Thread> startedByUse() {
    use(component);
    Set<Thread> started = threads();
    started.removeAll(before);
    return started;
  }

  private static Set<Thread> threads() {
    return new HashSet<>(Thread.getAllStackTraces().keySet());
  }
}
