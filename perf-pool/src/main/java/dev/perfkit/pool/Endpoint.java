package dev.perfkit.pool;

/** Something that takes work and that a {@link Balancer} chooses among; it knows no JDBC. */
interface Endpoint {

  /** Returns whether it can be given work now. */
  boolean eligible();

  /** Returns how many pieces of work it has now, those that wait included. */
  int inFlight();
}
