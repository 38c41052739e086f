package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Histogram;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.Window;

/** A histogram whose count is that of a service, which also counts what others record. */
final class ServiceHistogram extends Histogram {

  private final Service service;
  private final ServiceReservoir reservoir;

  ServiceHistogram(Service service, Window window) {
    this(service, ServiceReservoir.of(service, window));
  }

  private ServiceHistogram(Service service, ServiceReservoir reservoir) {
    super(reservoir);
    this.service = service;
    this.reservoir = reservoir;
  }

  @Override
  public void update(long nanos) {
    reservoir.update(nanos);
  }

  @Override
  public long getCount() {
    return service.snapshot().count();
  }
}
