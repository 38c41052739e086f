package dev.perfkit.pool;

import java.sql.Connection;

/** A pooled connection while a logical one holds it. For the thread of the logical connection. */
final class Lease {

  final PoolNode node;
  final Connection connection;

  /** Borrowed from a replica, for reading. */
  final boolean replica;

  /** Statements made on it. */
  int statements;

  /** Executions on it, and other uses that may leave something behind. */
  int uses;

  /** May have written what the session has no position of. */
  boolean unposed;

  /** Was handed out, so that writes may go unseen. */
  boolean unwrapped;

  Lease(PoolNode node, Connection connection, boolean replica) {
    this.node = node;
    this.connection = connection;
    this.replica = replica;
  }
}
