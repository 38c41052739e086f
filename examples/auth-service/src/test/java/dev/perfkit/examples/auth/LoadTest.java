package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** The open-loop load: it does not slow down with the service, and it counts what it did not do. */
class LoadTest {

  private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

  @Test
  void atRate_fastService_servesEveryRequestOnce() {
    AtomicInteger sent = new AtomicInteger();
    Load.Result result = patient(400, 4, number -> sent.incrementAndGet() > 0 ? 10 : 0);
    assertThat(result.offered()).isEqualTo(200);
    assertThat(result.served()).isEqualTo(200);
    assertThat(sent).hasValue(200);
    assertThat(result.bytesPerResponse()).isEqualTo(10.0);
    assertThat(result.failed()).isZero();
  }

  @Test
  void atRate_serviceStalls_latencyCountsFromTheIntendedStart() {
    // One sender, and the first request takes 200 ms: those due meanwhile waited for it.
    Load.Result result =
        load(
            100,
            1,
            number -> {
              if (number == 0) {
                pause(200);
              }
              return 1;
            });
    assertThat(result.latency().getValueAtPercentile(75)).isGreaterThan(20_000);
  }

  @Test
  void atRate_serviceTooSlow_boundsWhatIsInFlightAndCountsTheRest() {
    Semaphore inFlight = new Semaphore(3);
    Load.Result result =
        load(
            1_000,
            3,
            number -> {
              assertThat(inFlight.tryAcquire()).isTrue();
              pause(50);
              inFlight.release();
              return 1;
            });
    assertThat(result.offered()).isEqualTo(500);
    assertThat(result.served()).isBetween(1L, 40L);
  }

  @Test
  void atRate_failures_areCountedApart() {
    Load.Result result = patient(200, 2, number -> number % 2 == 0 ? -1 : 5);
    assertThat(result.failed()).isEqualTo(50);
    assertThat(result.served()).isEqualTo(50);
    assertThat(result.latency().getTotalCount()).isEqualTo(50);
  }

  private static Load.Result load(int perSecond, int inFlight, LongUnaryOperator send) {
    return Load.atRate(perSecond, HALF_A_SECOND, inFlight, () -> sender(send), silent());
  }

  /** Sends every request, however late the machine is. */
  private static Load.Result patient(int perSecond, int inFlight, LongUnaryOperator send) {
    Duration patience = Duration.ofSeconds(20);
    return Load.atRate(perSecond, HALF_A_SECOND, patience, inFlight, () -> sender(send), silent());
  }

  private static Progress silent() {
    return Progress.of(
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), "");
  }

  private static Load.Sender sender(LongUnaryOperator send) {
    return new Load.Sender() {
      @Override
      public long send(long number) {
        return send.applyAsLong(number);
      }

      @Override
      public void close() {}
    };
  }

  /** A slow service, not a wait for time to pass: what is measured is the real clock. */
  private static void pause(int millis) {
    long end = System.nanoTime() + millis * 1_000_000L;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }
}
