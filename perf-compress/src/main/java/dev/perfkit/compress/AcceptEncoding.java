package dev.perfkit.compress;

import java.util.Collection;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * The {@code Accept-Encoding} field of RFC 9110 section 12.5.3, read into one {@code long}: ten
 * bits for each coding we know and for {@code *}, holding 0 if it is not mentioned and the weight
 * in thousandths plus one if it is. So parsing and choosing allocate nothing.
 *
 * <p>The grammar is kept exactly. A member that breaks it says nothing and is skipped; the others
 * count. A coding that is mentioned more than once has its highest weight, so that order and
 * splitting into field lines change nothing. At most {@link #MAX_LENGTH} characters are read; a
 * member cut off there is skipped.
 */
final class AcceptEncoding {

  /** The most characters read, over all field lines. */
  static final int MAX_LENGTH = 8192;

  /** Nothing mentioned: only identity is acceptable. */
  static final long NOTHING = 0;

  private static final int BITS = 10;
  private static final int MASK = (1 << BITS) - 1;
  private static final int STAR = 5;
  private static final int UNKNOWN = -1;
  private static final int MALFORMED = -1;
  private static final int FULL_WEIGHT = 1000;

  private AcceptEncoding() {}

  /** Reads all field lines. */
  static long parse(@Nullable Collection<String> lines) {
    if (lines == null) {
      return NOTHING;
    }
    return lines instanceof List<String> list && lines instanceof RandomAccess
        ? parseByIndex(list)
        : parseInOrder(lines);
  }

  /** Reads without an iterator, which is an object. */
  private static long parseByIndex(List<String> lines) {
    long weights = NOTHING;
    int budget = MAX_LENGTH;
    for (int i = 0; i < lines.size() && budget > 0; i++) {
      weights = parse(lines.get(i), budget, weights);
      budget -= cost(lines.get(i));
    }
    return weights;
  }

  private static long parseInOrder(Collection<String> lines) {
    long weights = NOTHING;
    int budget = MAX_LENGTH;
    for (String line : lines) {
      if (budget <= 0) {
        break;
      }
      weights = parse(line, budget, weights);
      budget -= cost(line);
    }
    return weights;
  }

  /** Returns what a line takes of the budget, so that empty ones are bounded too. */
  private static int cost(@Nullable String line) {
    return line == null ? 1 : line.length() + 1;
  }

  /** Returns the offered coding the client likes best, where all of them have a slot. */
  static @Nullable Coding choose(long weights, List<Coding> offered) {
    return choose(weights, List.of(), offered);
  }

  /**
   * Returns the offered coding the client likes best, ties going to the one offered first; identity
   * if it likes none or identity better; null if it accepts nothing at all.
   *
   * @param lines all field lines, if a coding without a slot is offered
   */
  static @Nullable Coding choose(long weights, List<String> lines, List<Coding> offered) {
    Coding best = Coding.IDENTITY;
    int bestWeight = 0;
    for (int i = 0; i < offered.size(); i++) {
      int weight = weight(weights, lines, offered.get(i));
      if (weight > bestWeight) {
        best = offered.get(i);
        bestWeight = weight;
      }
    }
    if (bestWeight > 0) {
      return weightOrUnset(weights, Coding.IDENTITY.slot()) > bestWeight ? Coding.IDENTITY : best;
    }
    return forbidsIdentity(weights) ? null : Coding.IDENTITY;
  }

  /** Returns whether identity has the weight 0, by name or by {@code *}. */
  static boolean forbidsIdentity(long weights) {
    int identity = weightOrUnset(weights, Coding.IDENTITY.slot());
    return identity == 0 || (identity < 0 && weightOrUnset(weights, STAR) == 0);
  }

  /** Returns whether any offered coding weighs more than 0. */
  static boolean acceptsAny(long weights, List<String> lines, List<Coding> offered) {
    for (int i = 0; i < offered.size(); i++) {
      if (weight(weights, lines, offered.get(i)) > 0) {
        return true;
      }
    }
    return false;
  }

  private static int weight(long weights, List<String> lines, Coding coding) {
    int named =
        coding.slot() == Coding.NO_SLOT
            ? namedWeight(lines, coding.token())
            : weightOrUnset(weights, coding.slot());
    if (named >= 0 || coding.needsDictionary()) {
      return Math.max(0, named);
    }
    return Math.max(0, weightOrUnset(weights, STAR));
  }

  /** Returns the weight of a coding without a slot, in thousandths; -1 if it is not mentioned. */
  static int namedWeight(List<String> lines, String token) {
    int highest = MALFORMED;
    int budget = MAX_LENGTH;
    for (String line : lines) {
      if (budget <= 0) {
        break;
      }
      // What was cut off at the limit is not a member.
      int end = line.length() <= budget ? line.length() : line.lastIndexOf(',', budget - 1);
      for (String member : line.substring(0, Math.max(0, end)).split(",", -1)) {
        highest = Math.max(highest, weightIfNamed(member, token));
      }
      budget -= cost(line);
    }
    return highest;
  }

  private static int weightIfNamed(String member, String token) {
    int start = skipSpace(member, 0, member.length());
    int end = member.length();
    while (end > start && isSpace(member.charAt(end - 1))) {
      end--;
    }
    int nameEnd = start + token.length();
    if (nameEnd > end || !is(member, start, token)) {
      return MALFORMED;
    }
    return nameEnd == end ? FULL_WEIGHT : weight(member, nameEnd, end);
  }

  private static int weightOrUnset(long weights, int slot) {
    return (int) (weights >>> (BITS * slot) & MASK) - 1;
  }

  private static long parse(@Nullable String line, int budget, long weights) {
    if (line == null) {
      return weights;
    }
    int end = Math.min(line.length(), budget);
    int from = 0;
    while (from < end) {
      int comma = line.indexOf(',', from);
      if (comma < 0 || comma >= end) {
        // What was cut off at the limit is not a member.
        return end < line.length() ? weights : member(line, from, end, weights);
      }
      weights = member(line, from, comma, weights);
      from = comma + 1;
    }
    return weights;
  }

  /** Reads {@code OWS coding [ OWS ";" OWS "q=" qvalue ] OWS}. */
  private static long member(String line, int from, int to, long weights) {
    int start = skipSpace(line, from, to);
    int end = to;
    while (end > start && isSpace(line.charAt(end - 1))) {
      end--;
    }
    int nameEnd = start;
    while (nameEnd < end && line.charAt(nameEnd) != ';' && !isSpace(line.charAt(nameEnd))) {
      nameEnd++;
    }
    int slot = slot(line, start, nameEnd);
    if (slot == UNKNOWN) {
      return weights;
    }
    int weight = nameEnd == end ? FULL_WEIGHT : weight(line, nameEnd, end);
    return weight == MALFORMED ? weights : note(weights, slot, weight);
  }

  private static long note(long weights, int slot, int weight) {
    if (weight <= weightOrUnset(weights, slot)) {
      return weights;
    }
    int shift = BITS * slot;
    return (weights & ~((long) MASK << shift)) | ((long) (weight + 1) << shift);
  }

  /** Returns whose slot a name is, in any case. */
  private static int slot(String line, int start, int end) {
    return switch (end - start) {
      case 1 -> line.charAt(start) == '*' ? STAR : UNKNOWN;
      case 2 -> is(line, start, Coding.BROTLI) ? Coding.BROTLI.slot() : UNKNOWN;
      case 4 -> is(line, start, Coding.GZIP) ? Coding.GZIP.slot() : zstdSlot(line, start);
      case 6 -> is(line, start, "x-gzip") ? Coding.GZIP.slot() : UNKNOWN;
      case 7 -> is(line, start, Coding.DEFLATE) ? Coding.DEFLATE.slot() : UNKNOWN;
      case 8 -> is(line, start, Coding.IDENTITY) ? Coding.IDENTITY.slot() : UNKNOWN;
      default -> UNKNOWN;
    };
  }

  private static int zstdSlot(String line, int start) {
    return is(line, start, Coding.ZSTD) ? Coding.ZSTD.slot() : UNKNOWN;
  }

  private static boolean is(String line, int start, Coding coding) {
    return is(line, start, coding.token());
  }

  /** Compares as ASCII: {@code regionMatches} would take a dotless or Kelvin letter for ours. */
  private static boolean is(String line, int start, String name) {
    for (int i = 0; i < name.length(); i++) {
      char theirs = line.charAt(start + i);
      char ours = name.charAt(i);
      if (theirs != ours && (ours < 'a' || (theirs | 0x20) != ours)) {
        return false;
      }
    }
    return true;
  }

  /** Reads {@code OWS ";" OWS "q=" qvalue}. */
  private static int weight(String line, int from, int end) {
    int at = skipSpace(line, from, end);
    if (at == end || line.charAt(at) != ';') {
      return MALFORMED;
    }
    at = skipSpace(line, at + 1, end);
    if (end - at < 3 || (line.charAt(at) | 0x20) != 'q' || line.charAt(at + 1) != '=') {
      return MALFORMED;
    }
    return qvalue(line, at + 2, end);
  }

  /** Reads {@code "0" [ "." 0*3DIGIT ] / "1" [ "." 0*3("0") ]}, in thousandths. */
  private static int qvalue(String line, int start, int end) {
    int length = end - start;
    int whole = line.charAt(start) - '0';
    if (length > 5 || whole < 0 || whole > 1 || (length > 1 && line.charAt(start + 1) != '.')) {
      return MALFORMED;
    }
    int thousandths = 0;
    for (int i = start + 2, unit = 100; i < end; i++, unit /= 10) {
      int digit = line.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return MALFORMED;
      }
      thousandths += digit * unit;
    }
    return whole == 1 && thousandths > 0 ? MALFORMED : whole * FULL_WEIGHT + thousandths;
  }

  private static int skipSpace(String line, int from, int to) {
    int at = from;
    while (at < to && isSpace(line.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
