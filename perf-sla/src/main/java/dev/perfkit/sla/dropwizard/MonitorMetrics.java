package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import dev.perfkit.sla.ErrorBudget;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The services of a monitor as metrics of a registry, for the reporters that a host has already:
 * {@code sla.<service>.requests} (a timer), {@code .failures} (a meter), {@code .in-flight}, and
 * for each objective {@code sla.<service>.<objective>.good-ratio} and {@code .budget-remaining}
 * (gauges without a value while there is no data).
 *
 * <p>Safe for use by any number of threads.
 */
@Beta
public final class MonitorMetrics implements AutoCloseable {

  /** What the names of metrics begin with unless set otherwise. */
  public static final String DEFAULT_PREFIX = "sla";

  private final SlaMonitor monitor;
  private final MetricRegistry registry;
  private final String prefix;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Service> services = new HashSet<>();
  private final Set<String> names = new HashSet<>();
  private boolean closed;

  private MonitorMetrics(SlaMonitor monitor, MetricRegistry registry, String prefix) {
    this.monitor = Objects.requireNonNull(monitor, "monitor");
    this.registry = Objects.requireNonNull(registry, "registry");
    this.prefix = Options.notBlank("prefix", prefix);
  }

  /**
   * Registers the services that there are now, under names that begin with {@code sla}.
   *
   * @throws IllegalArgumentException if the registry has a metric of such a name; none was
   *     registered
   */
  public static MonitorMetrics publish(SlaMonitor monitor, MetricRegistry registry) {
    return publish(monitor, registry, DEFAULT_PREFIX);
  }

  /**
   * Registers the services that there are now, under names that begin with a prefix.
   *
   * @throws IllegalArgumentException if the prefix is blank, or the registry has a metric of such a
   *     name; none was registered
   */
  public static MonitorMetrics publish(SlaMonitor monitor, MetricRegistry registry, String prefix) {
    MonitorMetrics metrics = new MonitorMetrics(monitor, registry, prefix);
    metrics.refresh();
    return metrics;
  }

  /**
   * Registers the services that have come since; does nothing once closed.
   *
   * @throws IllegalArgumentException if the registry has a metric of such a name; of that service
   *     none was registered
   */
  public void refresh() {
    lock.lock();
    try {
      for (Service service : monitor.services()) {
        if (!closed && !services.contains(service)) {
          register(metricsOf(service));
          services.add(service);
        }
      }
    } catch (IllegalArgumentException taken) {
      if (services.isEmpty()) {
        removeAll();
      }
      throw taken;
    } finally {
      lock.unlock();
    }
  }

  /** Removes what was registered. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      removeAll();
    } finally {
      lock.unlock();
    }
  }

  private void removeAll() {
    names.forEach(registry::remove);
    names.clear();
    services.clear();
  }

  private void register(Map<String, Metric> metrics) {
    Set<String> done = new HashSet<>();
    try {
      metrics.forEach(
          (name, metric) -> {
            registry.register(name, metric);
            done.add(name);
          });
    } catch (IllegalArgumentException taken) {
      done.forEach(registry::remove);
      throw taken;
    }
    names.addAll(done);
  }

  private Map<String, Metric> metricsOf(Service service) {
    Map<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put(name(service, "requests"), ServiceMetrics.timer(service));
    metrics.put(name(service, "failures"), ServiceMetrics.failures(service));
    metrics.put(name(service, "in-flight"), new PublishedGauge(service::inFlight));
    for (Slo objective : service.objectives()) {
      metrics.put(
          name(service, objective.name(), "good-ratio"),
          gauge(service, objective, budget -> budget.compliance().ratio()));
      metrics.put(
          name(service, objective.name(), "budget-remaining"),
          gauge(service, objective, ErrorBudget::remaining));
    }
    return metrics;
  }

  private static PublishedGauge gauge(
      Service service, Slo objective, Function<ErrorBudget, OptionalDouble> value) {
    return new PublishedGauge(() -> orNull(value.apply(service.budget(objective))));
  }

  private static @Nullable Number orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private String name(Service service, String... rest) {
    return MetricRegistry.name(prefix, service.name(), String.join(".", rest));
  }

  @Override
  public String toString() {
    return "MonitorMetrics[" + monitor.name() + " as " + prefix + "]";
  }
}
