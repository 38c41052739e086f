package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Meter;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.ServiceSnapshot;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** A meter that only reads: count and rates are those of a service. */
final class ServiceMeter extends Meter {

  private final Service service;
  private final ToLongFunction<ServiceSnapshot> count;

  private final boolean markable;

  private ServiceMeter(
      Service service,
      ServiceRates rates,
      ToLongFunction<ServiceSnapshot> count,
      boolean markable) {
    super(rates);
    this.service = service;
    this.count = count;
    this.markable = markable;
  }

  /** Returns the meter of a timer, which marks what the service has counted already. */
  static ServiceMeter ofRequests(Service service) {
    return new ServiceMeter(service, ServiceRates.of(service), ServiceSnapshot::count, true);
  }

  static ServiceMeter ofFailures(Service service) {
    return new ServiceMeter(
        service, ServiceRates.ofFailures(service), ServiceSnapshot::errors, false);
  }

  @Override
  public void mark(long n) {
    if (!markable) {
      throw new UnsupportedOperationException(
          "failures of service '"
              + service.name()
              + "' cannot be marked: record the request with its outcome at the service");
    }
  }

  @Override
  public long getCount() {
    return count.applyAsLong(service.snapshot());
  }

  /** Returns requests per second since the service was made. */
  @Override
  public double getMeanRate() {
    ServiceSnapshot all = service.snapshot();
    long nanos = Math.max(TimeUnit.SECONDS.toNanos(1), all.covered().toNanos());
    return (double) count.applyAsLong(all) * 1e9 / (double) nanos;
  }
}
