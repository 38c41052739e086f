package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Callers without a handle: what they may hand over, however absurd, is counted and bounded. */
final class RecordMetricTest {

  private static final int NAMES = 1_000_000;

  private final FakeTimeSource time = FakeTimeSource.create();
  private final SlaMonitor monitor =
      SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void recordMetric_millionNames_areCountedInBoundedMemory() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    CountDownLatch done = new CountDownLatch(4);
    for (int thread = 0; thread < 4; thread++) {
      int first = thread;
      threads.execute(
          () -> {
            for (int i = first; i < NAMES; i += 4) {
              monitor.recordMetric("user-" + i, Duration.ofMillis(5), i % 10 != 0, 200);
            }
            done.countDown();
          });
    }
    assertThat(done.await(2, TimeUnit.MINUTES)).isTrue();
    threads.shutdown();

    assertThat(monitor.services()).hasSize(SlaMonitor.DEFAULT_MAXIMUM_SERVICES + 1);
    long count = 0;
    long errors = 0;
    for (Service service : monitor.services()) {
      count += service.window(Window.ONE_HOUR).count();
      errors += service.window(Window.ONE_HOUR).errors();
    }
    assertThat(count).as("none is lost").isEqualTo(NAMES);
    assertThat(errors).isEqualTo(NAMES / 10);
    Service rest = monitor.service("one more");
    assertThat(rest.isOverflow()).isTrue();
    assertThat(rest.window(Window.ONE_HOUR).count())
        .isEqualTo(NAMES - SlaMonitor.DEFAULT_MAXIMUM_SERVICES);
    assertThat(monitor.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(monitor.prometheus())
        .contains("service=\"(overflow)\"")
        .contains("sla_services 200.0\n");
  }

  @Test
  void recordMetric_nameThatHasAService_goesThereHoweverManyOthersCame() {
    Service api = monitor.service("api", Slo.availability(0.9));
    for (int i = 0; i < 500; i++) {
      monitor.recordMetric("other " + i, Duration.ofMillis(1), true, 200);
    }
    monitor.recordMetric("api", Duration.ofMillis(1), false, 503);
    assertThat(api.window(Window.ONE_MINUTE).errors()).isEqualTo(1);
    assertThat(api.window(Window.ONE_MINUTE).status(5)).isEqualTo(1);
  }

  @Test
  void recordMetric_negativeOrAbsurdDurations_areCountedAndClamped() {
    Duration[] odd = {
      Duration.ZERO,
      Duration.ofNanos(-1),
      Duration.ofDays(-100_000),
      Duration.ofSeconds(Long.MIN_VALUE),
      Duration.ofDays(1),
      Duration.ofSeconds(Long.MAX_VALUE)
    };
    for (Duration duration : odd) {
      monitor.recordMetric("api", duration, true, 200);
    }
    WindowSnapshot window = monitor.service("api").window(Window.ONE_MINUTE);
    assertThat(window.count()).isEqualTo(odd.length);
    assertThat(window.percentile(0.01)).contains(Duration.ofNanos(1));
    assertThat(window.percentile(1).orElseThrow())
        .isBetween(Duration.ofHours(4), Duration.ofHours(5));
    assertThat(monitor.prometheus()).contains("sla_durations_clamped_total " + odd.length + "\n");
  }

  @Test
  void recordMetric_unknownStatus_isCountedWithoutOne() {
    int[] unknown = {0, -1, 99, 600, 1_000, Integer.MAX_VALUE, Integer.MIN_VALUE};
    for (int status : unknown) {
      monitor.recordMetric("api", Duration.ofMillis(1), true, status);
    }
    monitor.recordMetric("api", Duration.ofMillis(1), true, 100);
    monitor.recordMetric("api", Duration.ofMillis(1), false, 599);
    WindowSnapshot window = monitor.service("api").window(Window.ONE_MINUTE);
    assertThat(window.count()).isEqualTo(unknown.length + 2L);
    assertThat(window.errors()).as("success is the caller's to tell").isEqualTo(1);
    assertThat(window.status(1)).isEqualTo(1);
    assertThat(window.status(5)).isEqualTo(1);
    assertThat(window.status(2) + window.status(3) + window.status(4)).isZero();
  }

  @Test
  void recordMetric_nameThatIsNotAllowed_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> monitor.recordMetric(" ", Duration.ZERO, true, 200))
        .withMessageContaining("service name must not be blank");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> monitor.recordMetric("a".repeat(201), Duration.ZERO, true, 200))
        .withMessageContaining("at most 200 characters");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> monitor.recordMetric("(overflow)", Duration.ZERO, true, 200))
        .withMessageContaining("not be reserved");
  }
}
