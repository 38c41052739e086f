package dev.perfkit.sla;

import java.util.function.BiConsumer;

/** Reads a signal, and remembers what it needs for windows. For one thread at a time. */
interface SignalReader {

  /**
   * Where signals come from.
   *
   * @param now the time, as the monitor counts it
   */
  record Sources(Services services, Meters meters, Workspace scratch, long now) {}

  /** Tells each subject and its number, which is not a number if there is none. */
  void read(Sources sources, BiConsumer<String, Double> numbers);
}
