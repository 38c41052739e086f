package dev.perfkit.sla;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * All that alerts, and all that keeps it from doing so. Judged and sent by the ticker; what is
 * declared comes on any thread.
 */
final class Alerting {

  private static final long OBJECTIVES_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long THRESHOLDS_NANOS = Duration.ofSeconds(5).toNanos();

  private final Notices notices;
  private final Clock clock;
  private final AlertBoard board = new AlertBoard();
  private final Exclusions exclusions = new Exclusions();
  private final Silences silences = new Silences();
  private final Thresholds thresholds;
  private final Grouper grouper;
  private final Notifier notifier;
  private long evaluated;
  private long judged;
  private long released;
  private Instant looked;

  Alerting(SlaMonitorBuilder options, Notices notices, Clock clock) {
    this.notices = notices;
    this.clock = clock;
    this.thresholds = new Thresholds(options.alertRules);
    this.grouper = new Grouper(notices.source(), options.alertGroups, notices::send);
    this.notifier = new Notifier(silences, grouper);
    this.looked = moment();
  }

  AlertBoard board() {
    return board;
  }

  List<ExclusionRecord> exclusions() {
    return exclusions.all();
  }

  List<SilenceRecord> silences() {
    return silences.all();
  }

  boolean isSilent(Alert alert) {
    return silences.isSilent(alert, moment());
  }

  List<Thresholds.Finding> findings() {
    return thresholds.findings();
  }

  void exclude(Exclusion exclusion) {
    exclusions.declare(exclusion, moment());
    notices.send(clock.currentTimeMillis(), "exclusion-declared", exclusion);
  }

  boolean cancel(Exclusion exclusion) {
    boolean cancelled = exclusions.cancel(exclusion, moment());
    if (cancelled) {
      notices.send(clock.currentTimeMillis(), "exclusion-cancelled", exclusion);
    }
    return cancelled;
  }

  void silence(Silence silence) {
    silences.declare(silence, moment());
    notices.send(clock.currentTimeMillis(), "silence-declared", silence);
  }

  boolean cancel(Silence silence) {
    boolean cancelled = silences.cancel(silence, moment());
    if (cancelled) {
      notices.send(clock.currentTimeMillis(), "silence-cancelled", silence);
    }
    return cancelled;
  }

  /** Judges objectives once a second, and rules about signals every five; later if ticks are. */
  void evaluate(SignalReader.Sources sources) {
    long now = sources.now();
    if (now - evaluated >= OBJECTIVES_NANOS) {
      evaluated = now;
      sources
          .services()
          .evaluate(now, clock.currentTimeMillis(), sources.scratch(), exclusions, board::publish);
    }
    if (now - judged >= THRESHOLDS_NANOS) {
      judged = now;
      thresholds.evaluate(sources, clock.currentTimeMillis(), exclusions, board);
    }
  }

  /** Sends what changed and is to be told. */
  void send(long now) {
    Instant moment = moment();
    board.send(alert -> notifier.take(alert, now, moment));
    if (now - released >= OBJECTIVES_NANOS) {
      released = now;
      tellEnded(moment);
      notifier.release(now, moment);
      notifier.retain(board.ids());
    }
    grouper.send(now, moment.toEpochMilli());
  }

  /** Sends the groups that are still open. */
  void sendAll() {
    grouper.sendAll(clock.currentTimeMillis());
  }

  private void tellEnded(Instant moment) {
    for (SilenceRecord ended : silences.endedBetween(looked, moment)) {
      notices.send(moment.toEpochMilli(), "silence-ended", ended.silence());
    }
    looked = moment.isAfter(looked) ? moment : looked;
  }

  private Instant moment() {
    return Instant.ofEpochMilli(clock.currentTimeMillis());
  }
}
