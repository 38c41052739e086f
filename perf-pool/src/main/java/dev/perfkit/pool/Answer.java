package dev.perfkit.pool;

/**
 * What a node said of itself.
 *
 * @param system which cluster its data is of; empty if the database does not say
 * @param timeline counts the promotions its history has seen, from 1; 0 if it is not known
 * @param incarnation which run of which server answered; empty if the database does not say
 */
record Answer(NodeRole role, String system, long timeline, String incarnation) {

  /** Returns the answer of a database that only lives. */
  static Answer of(NodeRole role) {
    return new Answer(role, "", 0, "");
  }

  /** Returns whether two answers surely came from one server, under two addresses perhaps. */
  boolean isOfSameServer(Answer other) {
    return !incarnation.isEmpty()
        && incarnation.equals(other.incarnation)
        && system.equals(other.system);
  }
}
