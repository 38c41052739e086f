package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** Proves that a failing telemetry never reaches the code that measures. */
class TelemetryTest {

  private static final Metric METRIC = Metric.named("a");

  private final List<Throwable> failures = new ArrayList<>();

  @Test
  void none_anyHandle_doesNothing() {
    Telemetry none = Telemetry.none();
    none.counter(METRIC).add(Long.MAX_VALUE);
    none.counter(METRIC).increment();
    none.timer(METRIC).record(-1);
    none.gauge(METRIC, () -> 1).close();
    assertThat(none).hasToString("Telemetry.none()").isSameAs(Telemetry.none());
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void none_null_isRefused() {
    assertThatNullPointerException().isThrownBy(() -> Telemetry.none().counter(null));
    assertThatNullPointerException().isThrownBy(() -> Telemetry.none().timer(null));
    assertThatNullPointerException().isThrownBy(() -> Telemetry.none().gauge(null, () -> 1));
    assertThatNullPointerException().isThrownBy(() -> Telemetry.none().gauge(METRIC, null));
    assertThatNullPointerException()
        .isThrownBy(() -> Telemetry.guarded(null, failures::add))
        .withMessage("delegate");
    assertThatNullPointerException()
        .isThrownBy(() -> Telemetry.guarded(Telemetry.none(), null))
        .withMessage("onFailure");
  }

  @Test
  void guarded_resolvingFails_givesHandlesThatDoNothing() {
    Telemetry guarded = Telemetry.guarded(new Failing(true), failures::add);
    guarded.counter(METRIC).increment();
    guarded.timer(METRIC).record(1);
    guarded.gauge(METRIC, () -> 1).close();
    assertThat(failures)
        .extracting(Throwable::getMessage)
        .containsExactly("counter", "timer", "gauge");
  }

  @Test
  void guarded_handleFails_tellsTheCallback() {
    Telemetry guarded = Telemetry.guarded(new Failing(false), failures::add);
    guarded.counter(METRIC).add(2);
    guarded.counter(METRIC).increment();
    guarded.timer(METRIC).record(1);
    guarded.gauge(METRIC, () -> 1).close();
    assertThat(failures)
        .extracting(Throwable::getMessage)
        .containsExactly("add 2", "add 1", "record", "close");
  }

  @Test
  void guarded_nullHandle_isAFailureAndNotTheCallersProblem() {
    Telemetry guarded = Telemetry.guarded(new Nothing(), failures::add);
    guarded.counter(METRIC).increment();
    guarded.timer(METRIC).record(1);
    guarded.gauge(METRIC, () -> 1).close();
    assertThat(failures)
        .hasSize(3)
        .allSatisfy(
            failure -> assertThat(failure).hasMessage("a host's implementation returned null"));
  }

  @Test
  void guarded_callbackFails_isDropped() {
    Telemetry guarded =
        Telemetry.guarded(
            new Failing(false),
            failure -> {
              throw new AssertionError("callback");
            });
    guarded.counter(METRIC).increment();
    guarded.timer(METRIC).record(1);
  }

  @Test
  void guarded_virtualMachineFails_isNotHidden() {
    Telemetry broken =
        Telemetry.guarded(
            new Failing(false) {
              @Override
              RuntimeException failure(String message) {
                throw new InternalError(message);
              }
            },
            failures::add);
    assertThatExceptionOfType(InternalError.class)
        .isThrownBy(() -> broken.counter(METRIC).increment());
    Telemetry brokenCallback =
        Telemetry.guarded(
            new Failing(true),
            failure -> {
              throw new OutOfMemoryError("callback");
            });
    assertThatExceptionOfType(OutOfMemoryError.class)
        .isThrownBy(() -> brokenCallback.counter(METRIC));
    assertThat(failures).isEmpty();
  }

  private static class Failing implements Telemetry {

    private final boolean early;

    Failing(boolean early) {
      this.early = early;
    }

    RuntimeException failure(String message) {
      return new IllegalStateException(message);
    }

    private void resolve(String what) {
      if (early) {
        throw failure(what);
      }
    }

    @Override
    public Counter counter(Metric metric) {
      resolve("counter");
      return amount -> {
        throw failure("add " + amount);
      };
    }

    @Override
    public Timer timer(Metric metric) {
      resolve("timer");
      return nanos -> {
        throw failure("record");
      };
    }

    @Override
    public Registration gauge(Metric metric, DoubleSupplier value) {
      resolve("gauge");
      return () -> {
        throw failure("close");
      };
    }
  }

  /** What a mock does. */
  @SuppressWarnings("NullAway") // null is what is tested
  private static final class Nothing implements Telemetry {

    @Override
    public Counter counter(Metric metric) {
      return null;
    }

    @Override
    public Timer timer(Metric metric) {
      return null;
    }

    @Override
    public Registration gauge(Metric metric, DoubleSupplier value) {
      return null;
    }
  }
}
