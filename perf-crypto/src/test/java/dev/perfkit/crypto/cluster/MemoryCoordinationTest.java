package dev.perfkit.crypto.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Proves that the store in memory does what every store must do. */
class MemoryCoordinationTest extends CoordinationContract {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final Coordination store = Coordination.inMemory(time);

  @Override
  Coordination store() {
    return store;
  }

  @Override
  void pass(Duration duration) {
    time.advance(duration);
  }

  @Test
  void record_callerChangesItsArray_isUnchanged() throws IOException {
    byte[] value = {1};
    store.compareAndSet("r", 0, value);
    value[0] = 2;
    store.read("r").orElseThrow().value()[0] = 3;
    assertThat(store.read("r").orElseThrow().value()).containsExactly(1);
    assertThat(store).hasToString("MemoryCoordination[records=1]");
    assertThat(Coordination.inMemory().read("r")).isEmpty();
  }
}
