package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Reservoir;
import com.codahale.metrics.Snapshot;
import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.Window;
import dev.perfkit.sla.WindowSnapshot;
import dev.perfkit.spi.Beta;
import java.util.Objects;

/**
 * A reservoir that keeps nothing itself: values are requests of a service, and a snapshot is what
 * that service did in a window. So percentiles are of all requests of the window, not of a sample,
 * and when traffic stops they are gone once the window is over.
 *
 * <p>Values are nanoseconds, as a Dropwizard timer has them, and count as successes. Safe for use
 * by any number of threads; updating never blocks and allocates nothing.
 */
@Beta
public final class ServiceReservoir implements Reservoir {

  /** The window of snapshots unless set otherwise: 5 minutes. */
  public static final Window DEFAULT_WINDOW = Window.FIVE_MINUTES;

  private static final Outcome SUCCESS = Outcome.success();

  private final Service service;
  private final Window window;

  private ServiceReservoir(Service service, Window window) {
    this.service = Objects.requireNonNull(service, "service");
    this.window = Objects.requireNonNull(window, "window");
  }

  /** Returns a reservoir whose snapshots are of the last 5 minutes. */
  public static ServiceReservoir of(Service service) {
    return of(service, DEFAULT_WINDOW);
  }

  /** Returns a reservoir whose snapshots are of a window. */
  public static ServiceReservoir of(Service service, Window window) {
    return new ServiceReservoir(service, window);
  }

  /** Returns how many requests there were in the window, at most 2^31 - 1. */
  @Override
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, window().count());
  }

  /**
   * Counts a request that has ended, a success.
   *
   * @param nanos how long it took, in nanoseconds
   */
  @Override
  public void update(long nanos) {
    service.record(nanos, SUCCESS);
  }

  /**
   * Returns the distribution in the window, within 1.6 % of each duration. As with Dropwizard's own
   * reservoirs all numbers are 0 if there was no request; {@link Snapshot#size} tells.
   */
  @Override
  public Snapshot getSnapshot() {
    return new WindowedSnapshot(window());
  }

  private WindowSnapshot window() {
    return service.window(window);
  }

  @Override
  public String toString() {
    return "ServiceReservoir[" + service.name() + ", " + window + "]";
  }
}
