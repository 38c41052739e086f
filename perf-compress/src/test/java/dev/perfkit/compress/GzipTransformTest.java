package dev.perfkit.compress;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.testkit.conformance.ByteTransformConformance;

/**
 * Proves that the gzip transform keeps the contract. It does not claim to notice every change: the
 * bits after the last block that fill up its byte mean nothing, see {@link
 * CompressionTransformTest}.
 */
class GzipTransformTest extends ByteTransformConformance {

  @Override
  protected ByteTransform create() {
    return CompressionTransform.gzip(6, ByteSize.ofBytes(0));
  }
}
