package dev.perfkit.sla;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a state file says: services, and the two clocks when it was last written. Reads records one
 * after the other; what a damaged one says is not taken. For one thread.
 */
final class SavedState implements StateFile.Reader {

  static final int TIME_RECORD = 1;
  static final int SERVICE_RECORD = 2;
  static final int CHANGE_RECORD = 3;

  private static final int CLOCKS = 7;
  private static final int MOST_SERVICES = 20_000;

  private final Map<String, SavedService> services = new LinkedHashMap<>();
  private final Tally scratch = new Tally(Workspace.MOST_CELLS);
  private boolean whole;
  private long elapsed;
  private long epochMillis;

  /** Returns the body of a record that tells the clocks. */
  static StateWriter time(long elapsed, long epochMillis) {
    StateWriter clocks = new StateWriter().fixed64(elapsed).fixed64(epochMillis);
    return new StateWriter().octet(TIME_RECORD).section(CLOCKS, clocks);
  }

  @Override
  public void record(byte[] body) throws StateDamage {
    StateReader reader = new StateReader(body);
    int type = reader.octet();
    StateSections sections = new StateSections(reader);
    switch (type) {
      case TIME_RECORD -> time(sections);
      case SERVICE_RECORD -> service(sections);
      case CHANGE_RECORD -> change(sections);
      default -> {
        // Of a later version that says nothing this one must know.
      }
    }
  }

  /** Returns whether the first part was read, which is written as a whole. */
  boolean isWhole() {
    return whole;
  }

  /** Returns the services by name. */
  Map<String, SavedService> services() {
    return services;
  }

  /** Returns the monotonic time that was reached. */
  long elapsed() {
    return services.values().stream().mapToLong(SavedService::end).reduce(elapsed, Math::max);
  }

  /** Returns the wall clock when it was last written. */
  long epochMillis() {
    return epochMillis;
  }

  private void time(StateSections sections) throws StateDamage {
    StateReader clocks = sections.required(CLOCKS);
    long monotonic = clocks.fixed64();
    StateDamage.require(monotonic >= 0 && monotonic <= History.LATEST, "a time is out of range");
    epochMillis = clocks.fixed64();
    elapsed = monotonic;
    whole = true;
  }

  private void service(StateSections sections) throws StateDamage {
    String name = SavedService.name(sections);
    StateDamage.require(
        services.size() < MOST_SERVICES || services.containsKey(name), "there are too many names");
    services.put(name, SavedService.read(name, sections));
  }

  private void change(StateSections sections) throws StateDamage {
    SavedService service = services.get(SavedService.name(sections));
    if (service == null) {
      throw new StateDamage("a service is changed that there is not");
    }
    service.change(sections, scratch);
  }
}
