package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Proves the examples of the README. */
class ReadmeTest {

  // region: component
  /** A part of the host that is held, watched and closed like any module. */
  static final class Outbox implements Component {

    private volatile double perSecond = 100;
    private volatile boolean closed;

    @Override
    public String kind() {
      return "outbox";
    }

    @Override
    public String name() {
      return "mail";
    }

    @Override
    public Health health() {
      return closed ? Health.of(Health.Status.DOWN, "closed") : Health.up();
    }

    @Override
    public List<Knob> knobs() {
      return List.of(
          Knob.of("rate", "mails/s", 1, 1_000, 10, () -> perSecond, value -> perSecond = value));
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  // endregion: component

  @Test
  void components_holdingOne_tellItsHealthTurnItsKnobAndCloseIt() {
    Outbox outbox = new Outbox();
    // region: components
    try (Components app = Components.named("shop")) {
      app.add(outbox); // and caches, pools, monitors: closed last in, first out
      Health health = app.health(); // the worst of all, with its reason
      for (Knob knob : app.knobs()) { // outbox/mail/rate
        knob.set(knob.max());
      }
      assertThat(health.status()).isEqualTo(Health.Status.UP);
    }
    // endregion: components
    assertThat(outbox.perSecond).isEqualTo(1_000);
    assertThat(outbox.health().status()).isEqualTo(Health.Status.DOWN);
  }

  @Test
  void queuedAndGuarded_slowSink_getsItsEventsOnTheExecutor() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    List<Event> posted = new ArrayList<>();
    List<String> log = new ArrayList<>();
    EventSink pager = posted::add;
    // region: events
    EventSink events =
        EventSink.queued(
            EventSink.guarded(pager, failure -> log.add("pager failed: " + failure)),
            executor,
            1_000,
            dropped -> log.add(dropped + " events dropped"));
    // endregion: events
    Event event = Event.of("outbox/mail", "stuck", Event.Severity.WARNING, 0, "Nothing sent.");
    events.accept(event);
    executor.shutdown();
    assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(posted).containsExactly(event);
    assertThat(log).isEmpty();
  }
}
