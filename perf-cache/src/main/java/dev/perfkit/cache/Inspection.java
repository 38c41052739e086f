package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the tiers hold for a key, for a person who asks why. Made without changing or counting
 * anything.
 *
 * @param memory what this node's memory holds; null if nothing
 * @param remote what Redis holds; null if nothing, or if it was not asked or did not answer
 * @param loading whether a load or a write of the key is under way on this node
 * @param remoteAnswered whether Redis was there to be asked
 */
@Beta
public record Inspection(
    @Nullable Held memory, @Nullable Held remote, boolean loading, boolean remoteAnswered) {

  /**
   * What one tier holds.
   *
   * @param valid whether a read would be answered with it
   * @param reason why not: {@code expired}, {@code tag expired} (may still replace a failed load),
   *     {@code tag invalidated}, {@code other genesis} (Redis has lost its state since), {@code out
   *     of touch} (Redis was not heard for too long), {@code idle}, or why it cannot be read, such
   *     as {@code other-serializer}; empty if it is valid
   * @param absent whether it says that the source has no value
   * @param age since its load began, by the wall clocks
   * @param freshFor how long it is fresh from now on; 0 or less if it is not
   * @param usableFor how long it may replace a failed load from now on
   * @param loadTime how long its load took; 0 for a value that was put
   * @param tags what it is invalidated by
   * @param generation the time on the clock of tags when its load began
   * @param bytes the length of its stored form; 0 if that is not known
   */
  public record Held(
      boolean valid,
      String reason,
      boolean absent,
      Duration age,
      Duration freshFor,
      Duration usableFor,
      Duration loadTime,
      List<String> tags,
      long generation,
      long bytes) {

    /** Returns nothing of the tags, which may be user data. */
    @Override
    public String toString() {
      return "Held["
          + (valid ? "valid" : reason)
          + (absent ? ", absent" : "")
          + ", age "
          + age
          + ", fresh for "
          + freshFor
          + ", "
          + tags.size()
          + " tags, "
          + bytes
          + " bytes]";
    }
  }
}
