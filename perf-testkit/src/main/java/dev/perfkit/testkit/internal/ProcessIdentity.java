package dev.perfkit.testkit.internal;

import java.time.Instant;
import java.util.Optional;

/**
 * A process that cannot be mistaken for a later one with the same id, because the instant it
 * started is part of it.
 */
record ProcessIdentity(long pid, long startMillis) {

  private static final long UNKNOWN = -1;

  static ProcessIdentity of(ProcessHandle process) {
    return new ProcessIdentity(process.pid(), startMillis(process));
  }

  static ProcessIdentity ofThisJvm() {
    return of(ProcessHandle.current());
  }

  /** Returns the process if it still runs; empty when its id now belongs to another one. */
  Optional<ProcessHandle> live() {
    if (startMillis == UNKNOWN) {
      return Optional.empty();
    }
    return ProcessHandle.of(pid).filter(found -> startMillis(found) == startMillis);
  }

  private static long startMillis(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(UNKNOWN);
  }
}
