package dev.perfkit.sla;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sections of one record by tag; those that nobody asks for are skipped. For one thread. */
final class StateSections {

  private final Map<Long, StateReader> byTag = new HashMap<>();

  StateSections(StateReader record) throws StateDamage {
    while (record.hasMore()) {
      long tag = record.number(Integer.MAX_VALUE);
      StateReader content = record.part();
      StateDamage.require(byTag.put(tag, content) == null, "a section comes twice");
    }
  }

  StateReader required(int tag) throws StateDamage {
    StateReader section = optional(tag);
    if (section == null) {
      throw new StateDamage("section " + tag + " is missing");
    }
    return section;
  }

  @Nullable StateReader optional(int tag) {
    return byTag.get((long) tag);
  }
}
