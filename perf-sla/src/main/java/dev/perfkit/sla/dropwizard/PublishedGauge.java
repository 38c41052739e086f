package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Gauge;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A number of a service in a registry, told apart from the host's own; null without data. */
record PublishedGauge(Supplier<? extends @Nullable Number> value) implements Gauge<Number> {

  @Override
  public @Nullable Number getValue() {
    return value.get();
  }
}
