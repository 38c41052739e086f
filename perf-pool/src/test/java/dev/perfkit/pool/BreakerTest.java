package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * Proves when a breaker opens, for how long, that it closes by itself and opens sooner the next
 * time, that it needs the group's permission, and that good times are forgiving.
 */
class BreakerTest {

  private static final Duration BASE = Duration.ofSeconds(5);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final List<String> told = new ArrayList<>();
  private boolean permitted = true;
  private final Breaker breaker = breaker();

  private Breaker breaker() {
    return new Breaker(
        BASE,
        time,
        new Breaker.Group() {
          @Override
          public boolean mayOpen() {
            return permitted;
          }

          @Override
          public void opened(Duration howLong, int repeats) {
            told.add("opened " + howLong.toSeconds());
          }

          @Override
          public void closed() {
            told.add("closed");
          }
        });
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      breaker.failed();
    }
  }

  @Test
  void failures_enoughInAWindow_openIt() {
    fail(Breaker.FAILURES - 1);
    assertThat(breaker.allows()).isTrue();
    fail(1);
    assertThat(breaker.allows()).isFalse();
    assertThat(breaker.isOpen()).isTrue();
    assertThat(told).containsExactly("opened 5");
  }

  @Test
  void failures_fewAmongSuccesses_doNotOpenIt() {
    fail(1);
    for (int i = 0; i < 10; i++) {
      breaker.succeeded();
    }
    fail(Breaker.FAILURES);
    assertThat(breaker.allows()).isTrue();
  }

  @Test
  void failures_spreadOverWindows_doNotOpenIt() {
    for (int i = 0; i < 20; i++) {
      fail(Breaker.FAILURES - 1);
      time.advance(Duration.ofNanos(Breaker.WINDOW_NANOS));
    }
    assertThat(breaker.allows()).isTrue();
  }

  @Test
  void time_over_closesItOnProbation() {
    fail(Breaker.FAILURES);
    time.advance(BASE.minusNanos(1));
    assertThat(breaker.allows()).isFalse();
    time.advance(Duration.ofNanos(1));
    assertThat(breaker.isOpen()).isFalse();
    assertThat(breaker.allows()).isTrue();
    fail(1);
    assertThat(breaker.allows()).isFalse();
    assertThat(told).containsExactly("opened 5", "closed", "opened 10");
  }

  @Test
  void probation_passed_forgivesARepetition() {
    fail(Breaker.FAILURES);
    time.advance(BASE);
    assertThat(breaker.allows()).isTrue();
    time.advance(Duration.ofNanos(Breaker.WINDOW_NANOS));
    breaker.succeeded();
    fail(1);
    assertThat(breaker.allows()).isTrue();
    fail(Breaker.FAILURES);
    assertThat(told).containsExactly("opened 5", "closed", "opened 5");
  }

  @Test
  void repetitions_many_growToALimit() {
    fail(Breaker.FAILURES);
    for (int i = 0; i < 20; i++) {
      time.advance(BASE.multipliedBy(Breaker.MAX_REPEATS));
      assertThat(breaker.allows()).isTrue();
      fail(1);
    }
    assertThat(told).endsWith("closed", "opened " + 5 * Breaker.MAX_REPEATS);
  }

  @Test
  void group_doesNotPermit_staysClosed() {
    permitted = false;
    fail(100);
    assertThat(breaker.allows()).isTrue();
    permitted = true;
    fail(1);
    assertThat(breaker.allows()).isFalse();
  }

  @Property
  void breaker_anyHistory_isNeverOpenForLongerThanTheLimit(@ForAll List<Boolean> outcomes) {
    for (boolean good : outcomes) {
      if (good) {
        breaker.succeeded();
      } else {
        breaker.failed();
      }
      time.advance(Duration.ofMillis(100));
    }
    time.advance(BASE.multipliedBy(Breaker.MAX_REPEATS));
    assertThat(breaker.allows()).isTrue();
  }

  @Test
  void slowStart_growsFromATenthToAll() {
    SlowStart start = new SlowStart(Duration.ofSeconds(10), time);
    assertThat(start.share()).isEqualTo(1);
    start.begin();
    assertThat(start.share()).isEqualTo(SlowStart.FIRST_SHARE);
    time.advance(Duration.ofSeconds(5));
    assertThat(start.share()).isBetween(0.54, 0.56);
    long admitted = java.util.stream.IntStream.range(0, 10_000).filter(i -> start.admits()).count();
    assertThat(admitted).isBetween(5_000L, 6_000L);
    time.advance(Duration.ofSeconds(5));
    assertThat(start.admits()).isTrue();
    assertThat(start.share()).isEqualTo(1);
    SlowStart none = new SlowStart(Duration.ZERO, time);
    none.begin();
    assertThat(none.share()).isEqualTo(1);
  }
}
