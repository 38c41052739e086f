package dev.perfkit.pool;

/** What the text of a statement tells about its effects. */
enum StatementKind {
  /** Reads only what all nodes hold alike, and leaves nothing behind. */
  READ,
  /** Leaves nothing behind, but its answer is that of one node or session. */
  STATELESS,
  /** May write, or leave something in its session; or nobody knows. */
  STATEFUL;

  /** Returns the one of two that allows less. */
  StatementKind and(StatementKind other) {
    return other.compareTo(this) > 0 ? other : this;
  }
}
