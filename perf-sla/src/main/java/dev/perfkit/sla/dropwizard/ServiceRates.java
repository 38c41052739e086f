package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.MovingAverages;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.Window;
import dev.perfkit.sla.WindowSnapshot;
import dev.perfkit.spi.Beta;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Rates of a service: requests per second in the last 1, 5 and 15 minutes, each of them the count
 * of that window over its length. Unlike averages that decay exponentially they agree with the
 * counts of the same windows, and are 0 once a window has passed without requests.
 *
 * <p>They only read: a mark is not counted here, because the service has counted the request. Safe
 * for use by any number of threads.
 */
@Beta
public final class ServiceRates implements MovingAverages {

  private final Service service;
  private final ToDoubleFunction<WindowSnapshot> rate;

  private ServiceRates(Service service, ToDoubleFunction<WindowSnapshot> rate) {
    this.service = Objects.requireNonNull(service, "service");
    this.rate = rate;
  }

  /** Returns the rates of all requests. */
  public static ServiceRates of(Service service) {
    return new ServiceRates(service, WindowSnapshot::throughput);
  }

  /** Returns the rates of failures. */
  public static ServiceRates ofFailures(Service service) {
    return new ServiceRates(
        service, window -> window.throughput() * window.errorRate().orElse(0.0));
  }

  /** Does nothing: the windows move by themselves. */
  @Override
  public void tickIfNecessary() {}

  /** Does nothing: the service has counted it. */
  @Override
  public void update(long n) {}

  @Override
  public double getM1Rate() {
    return rate(Window.ONE_MINUTE);
  }

  @Override
  public double getM5Rate() {
    return rate(Window.FIVE_MINUTES);
  }

  @Override
  public double getM15Rate() {
    return rate(Window.FIFTEEN_MINUTES);
  }

  private double rate(Window window) {
    return rate.applyAsDouble(service.window(window));
  }

  @Override
  public String toString() {
    return "ServiceRates[" + service.name() + "]";
  }
}
