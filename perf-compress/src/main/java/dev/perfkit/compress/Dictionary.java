package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.support.Options;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A body that clients keep, and of which later bodies need only tell the difference (RFC 9842): an
 * earlier version of a script, or a text of what many answers have in common. Immutable.
 *
 * <pre>{@code
 * Dictionary app = Dictionary.matching("/app/*.js", version1).id("app-1");
 * response.setHeader("Use-As-Dictionary", app.useAsDictionary()); // where version 1 is served
 * ResponseCompressor web = ResponseCompressor.named("web").dictionaries(app).build();
 * }</pre>
 *
 * <p>Its bytes are not secret: whoever may read it can learn from lengths what a body has in common
 * with it. Never make one of what is of a user.
 */
@Beta
public final class Dictionary {

  /** The largest dictionary: 100 MiB, as windows end at 128 MiB. */
  public static final ByteSize MAXIMUM_SIZE = ByteSize.ofMebibytes(100);

  private static final int LONGEST_ID = 1024;
  private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9/._~!$&',;=@%*-]*");
  private static final Pattern TEXT = Pattern.compile("[ !#-\\[\\]-~]*");
  private static final Pattern DESTINATION = Pattern.compile("[a-z]{1,32}");
  private static final Pattern ORIGIN = Pattern.compile("https?://[a-z0-9.\\[\\]:_-]+");

  private final ByteBuffer content;
  private final ContentHash hash;
  private final String match;
  private final PathPattern pattern;
  private final String id;
  private final List<String> destinations;
  private final @Nullable String origin;

  private Dictionary(
      ByteBuffer content,
      ContentHash hash,
      String match,
      String id,
      List<String> destinations,
      @Nullable String origin) {
    this.content = content;
    this.hash = hash;
    this.match = match;
    this.pattern = PathPattern.of(match);
    this.id = id;
    this.destinations = destinations;
    this.origin = origin;
  }

  /**
   * Returns a dictionary for the targets of a path.
   *
   * @param match a path, in which {@code *} stands for any characters, as {@code /app/*.js}; the
   *     query does not count
   * @param content the bytes as a client has them after decoding; copied
   * @throws IllegalArgumentException if the path has other characters, or there are no bytes or
   *     more than {@link #MAXIMUM_SIZE}
   */
  public static Dictionary matching(String match, byte[] content) {
    Options.require(
        PATH.matcher(match).matches(),
        "match",
        "be a path of plain characters and *, such as /app/*",
        match);
    Options.between("dictionary size", 1, MAXIMUM_SIZE.toIntBytes(), content.length);
    ByteBuffer copy = ByteBuffer.allocateDirect(content.length).put(content).flip();
    return new Dictionary(copy, ContentHash.of(content), match, "", List.of(), null);
  }

  /**
   * Returns this with an id, which clients send back. The hash alone decides.
   *
   * @param id at most 1,024 printable ASCII characters but quotes and backslashes
   * @throws IllegalArgumentException if it is not
   */
  public Dictionary id(String id) {
    Options.require(
        id.length() <= LONGEST_ID && TEXT.matcher(id).matches(),
        "id",
        "be at most " + LONGEST_ID + " printable ASCII characters but quotes and backslashes",
        id);
    return new Dictionary(content, hash, match, id, destinations, origin);
  }

  /**
   * Returns this for requests of some destinations only, such as {@code script} or {@code
   * document}. Clients choose by it.
   *
   * @throws IllegalArgumentException if one is not of lower-case letters
   */
  public Dictionary destinations(String... destinations) {
    for (String destination : destinations) {
      Options.require(
          DESTINATION.matcher(destination).matches(),
          "destinations",
          "be of lower-case letters",
          destination);
    }
    return new Dictionary(content, hash, match, id, List.of(destinations), origin);
  }

  /**
   * Returns this for targets of one origin only, that from which clients have it; for servers that
   * answer for several.
   *
   * @param origin such as {@code https://example.org}, in lower case, without a default port
   * @throws IllegalArgumentException if it is not of that form
   */
  public Dictionary origin(String origin) {
    Options.require(
        ORIGIN.matcher(origin).matches(), "origin", "be like https://example.org", origin);
    return new Dictionary(content, hash, match, id, destinations, origin);
  }

  /** Returns what clients are told where they get it: the value of {@code Use-As-Dictionary}. */
  public String useAsDictionary() {
    StringBuilder field = new StringBuilder("match=\"").append(match).append('"');
    if (!destinations.isEmpty()) {
      field.append(
          destinations.stream()
              .map(destination -> '"' + destination + '"')
              .collect(Collectors.joining(" ", ", match-dest=(", ")")));
    }
    if (!id.isEmpty()) {
      field.append(", id=\"").append(id).append('"');
    }
    return field.append(", type=raw").toString();
  }

  /** Returns what clients say that have it: the value of {@code Available-Dictionary}. */
  public String availableDictionary() {
    return ':' + Base64.getEncoder().encodeToString(hash.toBytes()) + ':';
  }

  /** Returns its size. */
  public ByteSize size() {
    return ByteSize.ofBytes(content.capacity());
  }

  /** Returns what tells it apart in metrics: eight hexadecimal digits. */
  String shortHash() {
    return String.format(Locale.ROOT, "%08x", hash.first() >>> Integer.SIZE);
  }

  ContentHash hash() {
    return hash;
  }

  /** Returns the bytes, in direct memory; not to be changed. */
  ByteBuffer content() {
    return content.duplicate();
  }

  boolean isFor(Target target) {
    return (origin == null || origin.equals(target.origin())) && pattern.matches(target.path());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Dictionary that
        && hash.equals(that.hash)
        && match.equals(that.match)
        && id.equals(that.id)
        && destinations.equals(that.destinations)
        && Objects.equals(origin, that.origin);
  }

  @Override
  public int hashCode() {
    return Objects.hash(hash, match, id, destinations, origin);
  }

  @Override
  public String toString() {
    return "Dictionary[" + match + ", " + size() + "]";
  }
}
