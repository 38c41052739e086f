package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Some of many keys could not be loaded and have no older value. Tells which, and what was found
 * for the others; the message holds neither.
 */
@Beta
public final class BulkLoadException extends CacheException {

  private static final long serialVersionUID = 1;

  private final transient Map<?, ?> values;
  private final transient Map<?, Exception> failures;

  BulkLoadException(String cache, Map<?, ?> values, Map<?, Exception> failures) {
    super(
        "cache '"
            + cache
            + "' could not load "
            + failures.size()
            + " of "
            + (values.size() + failures.size())
            + " keys; failures() has them",
        failures.values().iterator().next());
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    this.failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
  }

  /** Returns the values of the other keys. */
  public Map<?, ?> values() {
    return values;
  }

  /** Returns what went wrong, by key. */
  public Map<?, Exception> failures() {
    return failures;
  }
}
