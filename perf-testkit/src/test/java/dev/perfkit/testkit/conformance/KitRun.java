package dev.perfkit.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Set;
import java.util.TreeSet;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs a kit the way JUnit does, and tells which of its tests failed. */
final class KitRun {

  private KitRun() {}

  /** Asserts that a kit fails on an implementation, at least in one named test. */
  static void assertCaught(Class<?> broken, String test) {
    assertThat(failed(broken)).as("failed tests of " + broken.getSimpleName()).contains(test);
  }

  private static Set<String> failed(Class<?> kit) {
    EngineExecutionResults results =
        EngineTestKit.engine("junit-jupiter").selectors(selectClass(kit)).execute();
    Set<String> failed = new TreeSet<>();
    results.testEvents().failed().stream().map(KitRun::method).forEach(failed::add);
    return failed;
  }

  private static String method(Event event) {
    return event
        .getTestDescriptor()
        .getSource()
        .map(source -> ((MethodSource) source).getMethodName())
        .orElseThrow();
  }
}
