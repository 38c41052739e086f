package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Proves that the system's time source is the clocks of the JVM, and one for all. */
class TimeSourceTest {

  @Test
  void system_readings_lieBetweenThoseOfTheJvm() {
    TimeSource system = TimeSource.system();
    long nanosBefore = System.nanoTime();
    long nanos = system.nanoTime();
    assertThat(nanos - nanosBefore).isNotNegative();
    assertThat(System.nanoTime() - nanos).isNotNegative();
    assertThat(system.currentTimeMillis()).isCloseTo(System.currentTimeMillis(), within(60_000L));
    assertThat(system).isSameAs(TimeSource.system()).hasToString("TimeSource.system()");
  }
}
