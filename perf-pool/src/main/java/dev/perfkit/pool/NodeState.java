package dev.perfkit.pool;

import dev.perfkit.spi.Beta;

/** Whether a node can be used, by what was last seen of it. */
@Beta
public enum NodeState {
  /** Not asked yet, or it could not be asked for a reason that says nothing about its life. */
  UNKNOWN,
  /** Answers. */
  UP,
  /** A connection failed in use or an answer is late; reads go elsewhere until it answers. */
  SUSPECT,
  /** Does not answer. */
  DOWN,
  /** Answers, but fails its callers: left alone for a while. */
  EJECTED,
  /** Taken out by {@link PoolGroup#drain(String, java.time.Duration)}. */
  DRAINED,
  /**
   * Answers, but is of another cluster, or accepts writes though another server was promoted, or is
   * one of two that nobody can tell apart.
   */
  REFUSED
}
