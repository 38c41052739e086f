package dev.perfkit.spi;

import dev.perfkit.spi.support.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Several components held as one: one health, all knobs, one orderly shutdown.
 *
 * <pre>{@code
 * try (Components app = Components.named("auth-service")) {
 *   PoolGroup db = app.add(PoolGroup.named("main").primary(config).build());
 *   TieredCache<String, User> users = app.add(TieredCache.<String, User>named("users").build());
 *   ...
 * } // closes users, then db
 * }</pre>
 *
 * <p>Safe for use by any number of threads.
 */
@Beta
public final class Components implements Component {

  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile List<Component> all = List.of();
  private volatile List<Knob> knobs = List.of();
  private volatile boolean closed;

  private Components(String name) {
    this.name = name;
  }

  /**
   * Returns an empty group.
   *
   * @throws IllegalArgumentException if the name is blank
   */
  public static Components named(String name) {
    return new Components(Options.notBlank("name", name));
  }

  /**
   * Takes a component over: it is closed with this group.
   *
   * @return the component
   * @throws IllegalArgumentException if one of the same kind and name is already held
   * @throws IllegalStateException if this group is closed; the component remains the caller's
   */
  public <T extends Component> T add(T component) {
    Objects.requireNonNull(component, "component");
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException(
            "cannot add " + identity(component) + ": components '" + name + "' are closed");
      }
      requireNew(component);
      knobs = joined(knobs, knobsOf(component));
      all = joined(all, List.of(component));
      return component;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the components in the order they were added, as they are now; unmodifiable. */
  public List<Component> all() {
    return all;
  }

  @Override
  public String kind() {
    return "components";
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Returns the worst health of all, its reason led by the component it is of; one detail for each
   * component that is not UP.
   */
  @Override
  public Health health() {
    if (closed) {
      return Health.of(Health.Status.DOWN, "closed");
    }
    Health worst = Health.up();
    List<String[]> details = new ArrayList<>();
    for (Component component : all) {
      Health health = healthOf(component);
      if (health.status() != Health.Status.UP) {
        details.add(new String[] {identity(component), health.toString()});
      }
      if (health.status().isWorseThan(worst.status())) {
        worst = Health.of(health.status(), identity(component) + ": " + health.reason());
      }
    }
    for (String[] detail : details) {
      worst = worst.with(detail[0], detail[1]);
    }
    return worst;
  }

  /**
   * Returns the knobs of all components, in the order the components were added. Their names are
   * led by kind and name of the component, so they are unique here too: {@code
   * cache/users/ttl-factor}.
   */
  @Override
  public List<Knob> knobs() {
    return knobs;
  }

  /**
   * Closes all components, the last added first. A failure does not keep the others open.
   *
   * @throws IllegalStateException after all were closed, if any failed: names them, and carries
   *     their exceptions as suppressed
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      lock.unlock();
    }
    closeAll(all);
  }

  @Override
  public String toString() {
    return "Components[" + name + ", " + all.stream().map(Components::identity).toList() + "]";
  }

  private static void closeAll(List<Component> components) {
    List<String> failed = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (int i = components.size() - 1; i >= 0; i--) {
      try {
        components.get(i).close();
      } catch (Throwable failure) {
        failures.add(failure);
        failed.add(safeIdentity(components.get(i)));
      }
    }
    if (!failed.isEmpty()) {
      IllegalStateException all = new IllegalStateException("could not close " + failed);
      failures.forEach(all::addSuppressed);
      throw all;
    }
  }

  private void requireNew(Component component) {
    for (Component held : all) {
      if (held.kind().equals(component.kind()) && held.name().equals(component.name())) {
        throw new IllegalArgumentException(
            "kind and name must be unique in components '"
                + name
                + "' but "
                + identity(component)
                + " is already held");
      }
    }
  }

  private static Health healthOf(Component component) {
    try {
      return Objects.requireNonNull(component.health(), "health");
    } catch (RuntimeException | LinkageError | AssertionError failure) {
      return Health.of(Health.Status.UNKNOWN, "health() failed: " + failure);
    }
  }

  private static List<Knob> knobsOf(Component component) {
    String prefix = component.kind() + "/" + component.name() + "/";
    return component.knobs().stream().map(knob -> knob.named(prefix + knob.name())).toList();
  }

  private static <T> List<T> joined(List<T> first, List<? extends T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** Names a component that has failed already, and may fail to say its name too. */
  private static String safeIdentity(Component component) {
    try {
      return identity(component);
    } catch (RuntimeException | LinkageError failure) {
      return component.getClass().getName();
    }
  }

  private static String identity(Component component) {
    return component.kind() + " '" + component.name() + "'";
  }
}
