package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.spi.Event;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** Proves what a log gets of events, and that sinks do not depend on each other. */
final class LogSinkTest {

  private final RecordingLogger logger = new RecordingLogger();
  private final LogSink sink = new LogSink(logger);

  @Test
  void accept_eachSeverity_isLoggedAtItsLevel() {
    for (Event.Severity severity : Event.Severity.values()) {
      sink.accept(
          Event.of("sla/app", "alert-firing", severity, 1, "it burns").with("alert", "a/b"));
    }
    assertThat(logger.lines)
        .containsExactly(
            "INFO sla/app alert-firing: it burns {alert=a/b}",
            "WARN sla/app alert-firing: it burns {alert=a/b}",
            "ERROR sla/app alert-firing: it burns {alert=a/b}");
  }

  @Test
  void accept_textWithLineBreaks_isOneLine() {
    sink.accept(
        Event.of("sla/app", "t", Event.Severity.INFO, 1, "a\nERROR forged").with("k", "v\r\nw{}"));
    assertThat(logger.lines).containsExactly("INFO sla/app t: a ERROR forged {k=v  w{}}");
  }

  @Test
  void accept_levelThatIsOff_writesNothing() {
    logger.enabled = Set.of(Level.ERROR);
    sink.accept(Event.of("sla/app", "t", Event.Severity.WARNING, 1, "message"));
    assertThat(logger.lines).isEmpty();
  }

  @Test
  void events_ofSeveralSinks_reachEachThoughOneFails() {
    FakeTimeSource time = FakeTimeSource.create();
    RecordingEvents recorded = RecordingEvents.create();
    try (SlaMonitor monitor =
        SlaMonitor.named("app")
            .timeSource(time)
            .scheduler(FakeScheduler.on(time))
            .maximumServices(1)
            .events(
                event -> {
                  throw new IllegalStateException("a host's sink");
                },
                sink,
                recorded)
            .build()) {
      monitor.service("a");
      monitor.service("b");
      time.advance(Duration.ofSeconds(1));
    }
    assertThat(recorded.types()).containsExactly("services-overflowed");
    assertThat(logger.lines).hasSize(1);
    assertThat(logger.lines.get(0)).startsWith("WARN sla/app services-overflowed: ");
  }

  @Test
  void to_blankLogger_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> LogSink.to(" "));
    assertThat(LogSink.create()).isNotNull();
  }

  private static final class RecordingLogger extends LegacyAbstractLogger {

    private static final long serialVersionUID = 1;

    private final transient List<String> lines = new ArrayList<>();
    private transient Set<Level> enabled = Set.copyOf(Arrays.asList(Level.values()));

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        String pattern,
        Object @Nullable [] arguments,
        @Nullable Throwable failure) {
      lines.add(level + " " + MessageFormatter.basicArrayFormat(pattern, arguments));
    }

    @Override
    public boolean isTraceEnabled() {
      return enabled.contains(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
      return enabled.contains(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
      return enabled.contains(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
      return enabled.contains(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
      return enabled.contains(Level.ERROR);
    }
  }
}
