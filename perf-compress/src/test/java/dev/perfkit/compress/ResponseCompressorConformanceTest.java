package dev.perfkit.compress;

import dev.perfkit.spi.Component;
import dev.perfkit.testkit.conformance.ComponentConformance;
import java.util.List;

/** Proves that a compressor is a well-behaved component. */
class ResponseCompressorConformanceTest extends ComponentConformance {

  ResponseCompressorConformanceTest() {
    super(Capability.HEALTHY_WHEN_FRESH, Capability.HAS_KNOBS);
  }

  @Override
  protected Component create() {
    return ResponseCompressor.create();
  }

  @Override
  protected void use(Component component) {
    ((ResponseCompressor) component)
        .compress(
            new RequestHead("GET", name -> List.of("gzip")),
            ResponseHead.of(200, name -> name.equals("Content-Type") ? List.of("text/html") : null),
            Bodies.text(5_000));
  }
}
