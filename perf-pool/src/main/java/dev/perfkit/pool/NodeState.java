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
  DOWN
}
