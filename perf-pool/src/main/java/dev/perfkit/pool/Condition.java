package dev.perfkit.pool;

/** What is known of a node, as one value. */
record Condition(NodeState state, NodeRole role, String problem) {

  static final Condition UNKNOWN = new Condition(NodeState.UNKNOWN, NodeRole.UNKNOWN, "");

  Condition answered(NodeRole role) {
    return new Condition(NodeState.UP, role, "");
  }

  Condition suspect(String problem) {
    return new Condition(NodeState.SUSPECT, role, problem);
  }

  Condition down(String problem) {
    return new Condition(NodeState.DOWN, role, problem);
  }

  /** The same state and role; the problem is told, and changes nothing else. */
  Condition troubled(String problem) {
    return new Condition(state, role, problem);
  }
}
