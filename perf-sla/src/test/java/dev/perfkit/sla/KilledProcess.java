package dev.perfkit.sla;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A program that counts failures, and prints how many it has counted, until it is killed. */
final class KilledProcess {

  static final Slo SLO = Slo.availability(0.9);

  private KilledProcess() {}

  public static void main(String[] arguments) {
    SlaMonitor monitor = SlaMonitor.named("killed").persistence(Path.of(arguments[0])).build();
    Service api = monitor.service("api", SLO);
    long count = 0;
    while (true) {
      api.record(Duration.ofMillis(1), Outcome.failure());
      System.out.println(System.currentTimeMillis() + " " + ++count);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }
}
