package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.support.Options;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes events to a log of SLF4J: CRITICAL at error, WARNING at warn, INFO at info. Details follow
 * the message; control characters become spaces. Safe for use by any number of threads; as quick as
 * the log is.
 */
@Beta
public final class LogSink implements EventSink {

  /** The logger unless another is named: {@value}. */
  public static final String DEFAULT_LOGGER = "dev.perfkit.sla.events";

  private final Logger log;

  LogSink(Logger log) {
    this.log = log;
  }

  /** Returns a sink that writes to the logger {@value #DEFAULT_LOGGER}. */
  public static LogSink create() {
    return to(DEFAULT_LOGGER);
  }

  /**
   * Returns a sink that writes to a logger.
   *
   * @throws IllegalArgumentException if the name is blank
   */
  public static LogSink to(String logger) {
    return new LogSink(LoggerFactory.getLogger(Options.notBlank("logger", logger)));
  }

  @Override
  public void accept(Event event) {
    log.atLevel(level(event.severity()))
        .log(
            "{} {}: {} {}",
            event.source(),
            event.type(),
            line(event.message()),
            line(event.details().toString()));
  }

  /** A name in a message must not look like a line of its own. */
  private static String line(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  private static Level level(Event.Severity severity) {
    return switch (severity) {
      case CRITICAL -> Level.ERROR;
      case WARNING -> Level.WARN;
      case INFO -> Level.INFO;
    };
  }
}
