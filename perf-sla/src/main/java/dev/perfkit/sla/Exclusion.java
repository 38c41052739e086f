package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/**
 * A time in which requests do not count for objectives, such as a maintenance that was announced.
 * It is declared before it begins, never afterwards. Immutable.
 *
 * @param from when it begins, by the wall clock, to the second
 * @param to when it ends; 1 minute to 31 days later
 * @param reason why, for people; at most 200 characters
 * @param author who decided it; at most 200 characters
 * @param services the names of the services; none means all; unmodifiable
 */
@Beta
public record Exclusion(
    Instant from, Instant to, String reason, String author, Set<String> services) {

  /** The shortest exclusion: 1 minute. */
  public static final Duration SHORTEST = Duration.ofMinutes(1);

  /** The longest exclusion: 31 days. */
  public static final Duration LONGEST = Duration.ofDays(31);

  /**
   * Checks each value and copies the names.
   *
   * @throws IllegalArgumentException if the times are too close or too far apart, or a text is
   *     blank or too long
   */
  public Exclusion {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Options.between("length of exclusion", SHORTEST, LONGEST, Duration.between(from, to));
    Objectives.name("reason", reason);
    Objectives.name("author", author);
    services = Set.copyOf(services);
  }

  /** Returns whether it concerns a service. */
  boolean isOf(String service) {
    return services.isEmpty() || services.contains(service);
  }
}
