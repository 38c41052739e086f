package dev.perfkit.sla;

import java.util.ArrayList;
import java.util.List;

/**
 * A service as a state file has it. It is read whole, then changed by what the file says happened
 * later. For one thread.
 */
final class SavedService {

  static final int NAME = 1;
  static final int LAYOUT = 2;
  static final int HISTORY = 3;
  static final int LEDGER = 4;
  static final int SLOT = 5;
  static final int EDGE = 6;

  private static final int MOST_COLUMNS = 64;

  private final String name;
  private final boolean exactSum;
  private final List<Long> thresholds;
  private final Layout layout;
  private final History history;
  private final List<String> columns;
  private final Ledger ledger;
  private final long[] totals;

  private SavedService(
      String name, boolean exactSum, List<Long> thresholds, StateReader history, StateReader ledger)
      throws StateDamage {
    this.name = name;
    this.exactSum = exactSum;
    this.thresholds = thresholds;
    this.layout = Layout.withThresholds(thresholds);
    this.history = History.read(history, this::checked);
    this.columns = columns(ledger);
    this.ledger = Ledger.read(ledger, 2 * columns.size());
    this.totals = this.ledger.last();
  }

  /** Reads the sections of a service. */
  static SavedService read(String name, StateSections sections) throws StateDamage {
    StateReader layout = sections.required(LAYOUT);
    int flags = layout.octet();
    StateDamage.require(flags <= 1, "flags are unknown");
    return new SavedService(
        name,
        flags == 1,
        thresholds(layout),
        sections.required(HISTORY),
        sections.required(LEDGER));
  }

  /** Reads the name in the sections of a service or of a change. */
  static String name(StateSections sections) throws StateDamage {
    String name = sections.required(NAME).text();
    StateDamage.require(!name.isBlank() && name.length() <= 200, "a name is not one");
    return name;
  }

  /** Writes the sections of a service at work. */
  static void write(StateWriter out, Service service) {
    List<Long> thresholds = Objectives.thresholds(service.objectives());
    StateWriter layout = new StateWriter().octet(service.recorder().exactSum() ? 1 : 0);
    writeThresholds(layout, thresholds);
    StateWriter history = new StateWriter();
    service.recorder().write(history);
    StateWriter ledger = new StateWriter();
    service.levels().write(ledger);
    writeSections(out, service.name(), layout, history, ledger);
  }

  /** Writes the sections of this one. */
  void write(StateWriter out) {
    StateWriter layout = new StateWriter().octet(exactSum ? 1 : 0);
    writeThresholds(layout, thresholds);
    StateWriter past = new StateWriter();
    history.write(past);
    StateWriter counts = new StateWriter().number(columns.size());
    columns.forEach(counts::text);
    ledger.write(counts);
    writeSections(out, name, layout, past, counts);
  }

  /** Applies what happened later. */
  void change(StateSections sections, Tally scratch) throws StateDamage {
    StateReader slot = sections.optional(SLOT);
    if (slot != null) {
      long end = slot.number(History.LATEST);
      StateDamage.require(end > history.end(), "a slot is not later than the last");
      history.seal(end, checked(slot.rest()), scratch);
    }
    StateReader edge = sections.optional(EDGE);
    if (edge != null) {
      ledger.readEdge(edge.number(History.LATEST - ledger.end()), edge, totals);
    }
  }

  /** Returns the latest time in it. */
  long end() {
    return Math.max(history.end(), ledger.end());
  }

  /**
   * Returns the history in another layout, up to now.
   *
   * @param exact whether it must have sums of durations; they are estimated where it has none
   */
  History history(Layout wanted, boolean exact, List<Long> wantedThresholds, long now) {
    StateWriter copy = new StateWriter();
    history.write(copy);
    boolean same = exact == exactSum && wantedThresholds.equals(thresholds);
    SlotConversion conversion = new SlotConversion(layout, wanted, exact && !exactSum);
    History converted =
        copy(new StateReader(copy.toBytes()), same ? slot -> slot : conversion::convert);
    if (now > converted.end()) {
      converted.seal(now, Tally.EMPTY, new Tally(Workspace.MOST_CELLS));
    }
    return converted;
  }

  private static History copy(StateReader in, SlotRing.SlotForm form) {
    try {
      return History.read(in, form);
    } catch (StateDamage impossible) {
      throw new IllegalStateException("what was just written cannot be read", impossible);
    }
  }

  /** Returns the counts with other columns, up to now. */
  Ledger ledger(List<String> wanted, long now) {
    Ledger converted = ledger.withColumns(Columns.mapping(wanted, columns));
    if (now > converted.end()) {
      converted.append(now, converted.last());
    }
    return converted;
  }

  private byte[] checked(byte[] slot) throws StateDamage {
    return Tally.checked(slot, layout.cells(), layout.sumCell(true));
  }

  private static List<Long> thresholds(StateReader in) throws StateDamage {
    int count = (int) in.number(Objectives.MOST_THRESHOLDS);
    List<Long> thresholds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      thresholds.add(in.number(Buckets.MAX_NANOS));
      StateDamage.require(thresholds.get(i) > 0, "a threshold is 0");
    }
    return List.copyOf(thresholds);
  }

  private static List<String> columns(StateReader in) throws StateDamage {
    int count = (int) in.number(MOST_COLUMNS);
    StateDamage.require(count > 0, "a ledger has no columns");
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      columns.add(in.text());
    }
    return columns;
  }

  private static void writeThresholds(StateWriter out, List<Long> thresholds) {
    out.number(thresholds.size());
    thresholds.forEach(out::number);
  }

  private static void writeSections(
      StateWriter out, String name, StateWriter layout, StateWriter history, StateWriter ledger) {
    out.section(NAME, new StateWriter().text(name))
        .section(LAYOUT, layout)
        .section(HISTORY, history)
        .section(LEDGER, ledger);
  }
}
