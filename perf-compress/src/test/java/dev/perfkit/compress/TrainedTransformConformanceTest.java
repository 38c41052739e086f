package dev.perfkit.compress;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.testkit.conformance.ByteTransformConformance;

/** Proves that the trained transform keeps the contract, and notices every change to a payload. */
class TrainedTransformConformanceTest extends ByteTransformConformance {

  /** Two nodes of one service: what either has trained is for both. */
  private final DictionaryStore shared = DictionaryStore.inMemory();

  TrainedTransformConformanceTest() {
    super(Capability.DETECTS_DAMAGE);
  }

  @Override
  protected ByteTransform create() {
    TrainedTransform trained =
        TrainedTransform.named("kit").minimumSize(ByteSize.ofBytes(0)).store(shared).build();
    SmallValues.of(700, 1).forEach(value -> trained.encode(value, value));
    trained.train();
    return trained;
  }
}
