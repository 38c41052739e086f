package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What must change in the header fields of a response before it is sent. Immutable. */
@Beta
public final class HeaderChanges {

  static final HeaderChanges NONE = new HeaderChanges(Map.of(), List.of());

  private final Map<String, String> set;
  private final List<String> removed;

  private HeaderChanges(Map<String, String> set, List<String> removed) {
    this.set = set;
    this.removed = removed;
  }

  /**
   * Applies the changes: first the removals, then the new values.
   *
   * @param set called with name and value; must replace all field lines of that name
   * @param remove called with the name; must remove all field lines of that name
   */
  public void applyTo(BiConsumer<String, String> set, Consumer<String> remove) {
    removed.forEach(remove);
    this.set.forEach(set);
  }

  /** Returns the fields to set, by name, in order; unmodifiable. */
  public Map<String, String> set() {
    return set;
  }

  /** Returns the names of the fields to remove; unmodifiable. */
  public List<String> removed() {
    return removed;
  }

  /** Returns whether there is nothing to change. */
  public boolean isEmpty() {
    return set.isEmpty() && removed.isEmpty();
  }

  /** Returns these changes with one field set instead of whatever was said about it. */
  HeaderChanges with(String name, String value) {
    return toBuilder().set(name, value).build();
  }

  Builder toBuilder() {
    Builder builder = new Builder();
    builder.set.putAll(set);
    builder.removed.addAll(removed);
    return builder;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HeaderChanges that
        && set.equals(that.set)
        && removed.equals(that.removed);
  }

  @Override
  public int hashCode() {
    return 31 * set.hashCode() + removed.hashCode();
  }

  /** Returns the names only; values may be of users. */
  @Override
  public String toString() {
    return "HeaderChanges[set " + set.keySet() + ", removed " + removed + "]";
  }

  /** Collects changes. For one thread. */
  static final class Builder {

    private final Map<String, String> set = new LinkedHashMap<>();
    private final List<String> removed = new ArrayList<>();

    Builder set(String name, String value) {
      removed.remove(name);
      set.put(name, value);
      return this;
    }

    Builder remove(String name) {
      removed.add(name);
      return this;
    }

    HeaderChanges build() {
      if (set.isEmpty() && removed.isEmpty()) {
        return NONE;
      }
      return new HeaderChanges(
          Collections.unmodifiableMap(set), Collections.unmodifiableList(removed));
    }
  }
}
