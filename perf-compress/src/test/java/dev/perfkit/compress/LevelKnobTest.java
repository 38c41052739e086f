package dev.perfkit.compress;

import dev.perfkit.spi.Knob;
import dev.perfkit.testkit.conformance.KnobConformance;
import org.jspecify.annotations.Nullable;

/** Proves that the level of a coding is a well-behaved knob. */
class LevelKnobTest extends KnobConformance {

  private @Nullable ResponseCompressor compressor;

  @Override
  protected Knob create() {
    ResponseCompressor fresh = ResponseCompressor.create();
    compressor = fresh;
    return fresh.knobs().get(0);
  }

  @Override
  protected void release() {
    if (compressor != null) {
      compressor.close();
    }
  }
}
