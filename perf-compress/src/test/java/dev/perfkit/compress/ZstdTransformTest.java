package dev.perfkit.compress;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.testkit.conformance.ByteTransformConformance;

/** Proves that the zstd transform keeps the contract, and notices every change to a payload. */
class ZstdTransformTest extends ByteTransformConformance {

  ZstdTransformTest() {
    super(Capability.DETECTS_DAMAGE);
  }

  @Override
  protected ByteTransform create() {
    return CompressionTransform.zstd(3, ByteSize.ofBytes(0));
  }
}
