package dev.perfkit.cache;

import dev.perfkit.spi.Component;
import dev.perfkit.spi.Knob;
import dev.perfkit.testkit.conformance.ComponentConformance;
import dev.perfkit.testkit.conformance.KnobConformance;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/** Proves that a cache is a component like any other, here one whose Redis does not exist. */
class ConformanceTest {

  private static TieredCache<String, String> cache() {
    return TieredCache.<String, String>named("conformance")
        .remote(RedisTier.at("redis://127.0.0.1:1"), StringSerializer.create())
        .build();
  }

  @Nested
  class OfTheComponent extends ComponentConformance {

    OfTheComponent() {
      super(Capability.values());
    }

    @Override
    protected Component create() {
      return cache();
    }

    @Override
    @SuppressWarnings("unchecked")
    protected void use(Component component) {
      TieredCache<String, String> cache = (TieredCache<String, String>) component;
      for (int i = 0; i < 10; i++) {
        Objects.requireNonNull(cache.get("k" + i, key -> "v"));
      }
    }
  }

  @Nested
  class OfTheKnob extends KnobConformance {

    private @Nullable TieredCache<String, String> cache;

    @Override
    protected Knob create() {
      TieredCache<String, String> made = cache();
      cache = made;
      return made.knobs().get(0);
    }

    @Override
    protected void release() {
      Objects.requireNonNull(cache).close();
    }
  }
}
