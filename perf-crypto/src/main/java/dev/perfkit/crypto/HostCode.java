package dev.perfkit.crypto;

import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Telemetry;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;

/** What a host hands in, guarded so that its failures are logged once and reach no caller. */
final class HostCode {

  private HostCode() {}

  static Telemetry guarded(Logger log, String name, Telemetry telemetry) {
    return telemetry == Telemetry.none()
        ? telemetry
        : Telemetry.guarded(telemetry, warnOnce(log, name, "telemetry"));
  }

  static EventSink guarded(Logger log, String name, EventSink events) {
    return EventSink.guarded(events, warnOnce(log, name, "event sink"));
  }

  private static Consumer<Throwable> warnOnce(Logger log, String name, String what) {
    AtomicBoolean warned = new AtomicBoolean();
    return failure -> {
      if (warned.compareAndSet(false, true)) {
        log.warn(
            "field cipher '{}': the {} failed; further failures are not logged",
            name,
            what,
            failure);
      }
    };
  }
}
