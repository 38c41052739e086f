package dev.perfkit.spi;

import java.util.List;

/**
 * A running part that a host can hold: it has an identity, tells its health, may offer {@link Knob
 * knobs}, and is closed once.
 *
 * <p>A component runs from the moment it is built; there is no second start. All methods are safe
 * for use by any number of threads.
 */
@Beta
public interface Component extends AutoCloseable {

  /** Returns what it is, such as {@code cache}; the same for all of its type. */
  String kind();

  /** Returns which one it is, such as {@code users}; unique among those of its kind. */
  String name();

  /**
   * Returns how it is doing, from what it already knows: no I/O, no blocking, never an exception.
   * Stays valid after {@link #close}, when it is {@link Health.Status#DOWN}.
   */
  Health health();

  /** Returns the settings that may be changed while it runs; the list does not change. */
  default List<Knob> knobs() {
    return List.of();
  }

  /**
   * Stops it and frees what it holds. Further calls do nothing. Bounded in time: what does not stop
   * is left behind and said in the log.
   */
  @Override
  void close();
}
