package dev.perfkit.pool;

import dev.perfkit.spi.Beta;

/** What a server is in its replication group, by its own answer. */
@Beta
public enum NodeRole {
  /** Accepts writes. */
  PRIMARY,
  /** Follows a primary; accepts reads only. */
  REPLICA,
  /** Has not answered yet. */
  UNKNOWN
}
