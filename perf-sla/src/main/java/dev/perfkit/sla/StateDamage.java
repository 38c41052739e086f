package dev.perfkit.sla;

/** Bytes of a state file that are not of its form. */
final class StateDamage extends Exception {

  private static final long serialVersionUID = 1L;

  StateDamage(String message) {
    super(message);
  }

  static void require(boolean holds, String rule) throws StateDamage {
    if (!holds) {
      throw new StateDamage(rule);
    }
  }
}
