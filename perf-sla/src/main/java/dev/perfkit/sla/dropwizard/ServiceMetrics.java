package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Meter;
import com.codahale.metrics.Timer;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.Window;
import dev.perfkit.spi.Beta;
import java.util.Objects;

/**
 * Dropwizard metrics that a service is behind. They hold no counts: what is recorded through one of
 * them, through another, or through the service itself is in all of them.
 *
 * <pre>{@code
 * Service api = sla.service("api", Slo.latency(0.95, Duration.ofMillis(200)));
 * Timer timer = registry.timer("api.requests", () -> ServiceMetrics.timer(api));
 * }</pre>
 *
 * <p>The metrics are safe for use by any number of threads. Reading one reads the service, which
 * costs tens of microseconds.
 */
@Beta
public final class ServiceMetrics {

  private ServiceMetrics() {}

  /** Returns a timer with percentiles of the last 5 minutes. */
  public static Timer timer(Service service) {
    return timer(service, ServiceReservoir.DEFAULT_WINDOW);
  }

  /**
   * Returns a timer with percentiles of a window. What it is told by {@code update}, or by a
   * context of {@code time()}, is a success; a call, supplier or runnable that it times is watched
   * while it runs and is a failure if it throws.
   */
  public static Timer timer(Service service, Window window) {
    Objects.requireNonNull(service, "service");
    return new ServiceTimer(service, Objects.requireNonNull(window, "window"));
  }

  /**
   * Returns a meter of the failures of a service. It only reads: to mark it is an {@link
   * UnsupportedOperationException}, because a failure is a request with an outcome.
   */
  public static Meter failures(Service service) {
    return ServiceMeter.ofFailures(Objects.requireNonNull(service, "service"));
  }
}
