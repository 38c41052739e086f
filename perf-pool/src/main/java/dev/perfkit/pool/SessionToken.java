package dev.perfkit.pool;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/**
 * What a session must be able to see, as a short text for a cookie or a header: at most {@value
 * #MAX_LENGTH} characters out of {@code a-z}, {@code 0-9} and {@code .}; see {@code
 * docs/formats.md}.
 *
 * <p>It is no secret and no right: it names a position in the database's log. Whoever changes it
 * can make their own reads staler, or send them to the primary, and nothing else. Immutable.
 */
@Beta
public final class SessionToken {

  /** The longest text of a token. */
  public static final int MAX_LENGTH = 37;

  private static final String VERSION = "1";
  private static final int RADIX = 36;
  private static final String NOTHING = VERSION + ".n";
  private static final String PRIMARY = VERSION + ".p";

  /** Of a session that has written nothing. */
  static final SessionToken OF_NOTHING = new SessionToken(NOTHING, null);

  /** Of a session that has written something whose position is not known. */
  static final SessionToken OF_PRIMARY = new SessionToken(PRIMARY, null);

  private final String text;
  private final @Nullable Floor floor;

  private SessionToken(String text, @Nullable Floor floor) {
    this.text = text;
    this.floor = floor;
  }

  static SessionToken of(Floor floor) {
    String text =
        VERSION
            + "."
            + Long.toUnsignedString(floor.system(), RADIX)
            + "."
            + digits(floor.timeline())
            + "."
            + digits(floor.lsn());
    return new SessionToken(text, floor);
  }

  /**
   * Reads what {@link #toString} wrote, here or in another process.
   *
   * @throws InvalidTokenException if it is nothing of the kind, or of a version not known here
   */
  public static SessionToken parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw malformed("is longer than " + MAX_LENGTH + " characters");
    }
    String[] parts = text.split("\\.", -1);
    if (parts.length > 1 && !parts[0].equals(VERSION) && isNumber(parts[0])) {
      throw new InvalidTokenException(
          InvalidTokenException.Reason.UNKNOWN_VERSION,
          "session token is of a version that is not known here; version " + VERSION + " is");
    }
    if (text.equals(NOTHING)) {
      return OF_NOTHING;
    }
    if (text.equals(PRIMARY)) {
      return OF_PRIMARY;
    }
    if (parts.length != 4 || !parts[0].equals(VERSION)) {
      throw malformed("does not have the form 1.<system>.<timeline>.<position>");
    }
    long timeline = number(parts[2]);
    if (timeline == 0 || timeline > 0xFFFF_FFFFL) {
      throw malformed("has a timeline outside of 1 to 4294967295");
    }
    return new SessionToken(text, new Floor(system(parts[1]), timeline, number(parts[3]), 0));
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static String digits(long value) {
    return Long.toString(value, RADIX);
  }

  /** The identifier of a system uses all 64 bits. */
  private static long system(String text) {
    try {
      long value = Long.parseUnsignedLong(text, RADIX);
      requireShortest(text, Long.toUnsignedString(value, RADIX));
      return value;
    } catch (NumberFormatException notOne) {
      throw malformed("has a part that is no number");
    }
  }

  private static long number(String text) {
    try {
      long value = Long.parseLong(text, RADIX);
      requireShortest(text, value < 0 ? "" : digits(value));
      return value;
    } catch (NumberFormatException notOne) {
      throw malformed("has a part that is no number");
    }
  }

  /** One text for one number: no sign, no capitals, no zeros in front, no foreign digits. */
  private static void requireShortest(String text, String shortest) {
    if (!shortest.equals(text)) {
      throw malformed("has a number that is not written the shortest way");
    }
  }

  private static InvalidTokenException malformed(String how) {
    return new InvalidTokenException(
        InvalidTokenException.Reason.MALFORMED, "session token " + how);
  }

  /** Returns the position, or null if there is none: nothing was written, or it is not known. */
  @Nullable Floor floor() {
    return floor;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SessionToken that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** Returns the text to hand out. */
  @Override
  public String toString() {
    return text;
  }
}
