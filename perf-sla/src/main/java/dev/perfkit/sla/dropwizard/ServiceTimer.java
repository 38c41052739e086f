package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Clock;
import com.codahale.metrics.Timer;
import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.Window;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** A timer that keeps nothing itself; calls that it times are failures if they throw. */
final class ServiceTimer extends Timer {

  private final Service service;

  ServiceTimer(Service service, Window window) {
    super(
        ServiceMeter.ofRequests(service),
        new ServiceHistogram(service, window),
        Clock.defaultClock());
    this.service = service;
  }

  @Override
  public <T> T time(Callable<T> event) throws Exception {
    return service.call(event);
  }

  @Override
  public <T> T timeSupplier(Supplier<T> event) {
    long started = service.start();
    Outcome outcome = Outcome.failure();
    try {
      T result = event.get();
      outcome = Outcome.success();
      return result;
    } finally {
      service.end(started, outcome);
    }
  }

  @Override
  public void time(Runnable event) {
    service.run(event);
  }
}
