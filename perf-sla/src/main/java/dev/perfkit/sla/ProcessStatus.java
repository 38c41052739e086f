package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Components;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How the process is doing: the worst health of its parts, and each part. Immutable, but the knobs
 * are live.
 *
 * @param health the worst health; its reason is led by the part it is of
 * @param parts the monitor itself, then the components it watches; unmodifiable
 */
@Beta
public record ProcessStatus(Health health, List<Part> parts) {

  /** Groups in groups in groups are looked into; a group that holds itself is not endless. */
  private static final int DEEPEST = 8;

  /**
   * One component.
   *
   * @param kind what it is
   * @param name which one it is
   * @param health how it is doing
   * @param knobs its settings; unmodifiable
   */
  public record Part(String kind, String name, Health health, List<Knob> knobs) {

    /** Copies the knobs. */
    public Part {
      knobs = List.copyOf(knobs);
    }
  }

  /** Copies the parts. */
  public ProcessStatus {
    parts = List.copyOf(parts);
  }

  static ProcessStatus of(Component monitor, Collection<Component> watched) {
    List<Component> all = new ArrayList<>(List.of(monitor));
    watched.forEach(component -> flatten(component, all, 0));
    List<Part> parts = all.stream().map(ProcessStatus::part).toList();
    Health worst = Health.up();
    for (Part part : parts) {
      if (part.health().status().isWorseThan(worst.status())) {
        String reason = part.kind() + " '" + part.name() + "': " + part.health().reason();
        worst = Health.of(part.health().status(), reason);
      }
    }
    return new ProcessStatus(worst, parts);
  }

  /** Returns the value of a knob; not a number if the component fails to tell it. */
  static double valueOf(Knob knob) {
    try {
      return knob.value();
    } catch (RuntimeException | LinkageError failure) {
      return Double.NaN;
    }
  }

  private static void flatten(Component component, List<Component> all, int depth) {
    if (component instanceof Components group && depth < DEEPEST) {
      group.all().forEach(part -> flatten(part, all, depth + 1));
    } else if (all.stream().noneMatch(known -> known == component)) {
      all.add(component);
    }
  }

  /** A component that breaks its contract must not hide the others. */
  private static Part part(Component component) {
    try {
      return new Part(component.kind(), component.name(), component.health(), component.knobs());
    } catch (RuntimeException | LinkageError failure) {
      Health unknown = Health.of(Health.Status.UNKNOWN, "health or knobs failed: " + failure);
      return new Part("unknown", component.getClass().getSimpleName(), unknown, List.of());
    }
  }
}
