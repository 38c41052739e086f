package dev.perfkit.cache;

import java.nio.charset.CharacterCodingException;
import java.util.Collection;
import java.util.List;

/**
 * The invalidation of a tag.
 *
 * @param name of the tag; {@link Marks#ALL} for everything
 * @param hard whether values must not be served at all any more; otherwise they still take the
 *     place of loads that fail
 */
record Tag(String name, boolean hard) {

  String kind() {
    return hard ? "h" : "s";
  }

  /**
   * Returns a name that a host gave.
   *
   * @throws IllegalArgumentException if it is reserved, empty, too long or not well-formed
   */
  static String checked(String name) {
    if (name.equals(Marks.ALL)) {
      throw new IllegalArgumentException("tag '*' is reserved for the whole cache: use clear()");
    }
    int bytes = length(name);
    if (bytes < 1 || bytes > Envelope.MAX_TAG_BYTES) {
      throw new IllegalArgumentException(
          "tags must have 1 to " + Envelope.MAX_TAG_BYTES + " bytes as UTF-8 but one has " + bytes);
    }
    return name;
  }

  /**
   * Returns the tags of a value, each once.
   *
   * @throws IllegalArgumentException if they are too many, or one of them is refused
   */
  static List<String> checked(Collection<String> names) {
    List<String> tags = names.stream().map(Tag::checked).distinct().toList();
    if (tags.size() > Envelope.MAX_TAGS) {
      throw new IllegalArgumentException(
          "tags of a value must be at most " + Envelope.MAX_TAGS + " but are " + tags.size());
    }
    return tags;
  }

  private static int length(String name) {
    try {
      return Bytes.strictUtf8(name).length;
    } catch (CharacterCodingException malformed) {
      throw new IllegalArgumentException(
          "tags must be well-formed text, but half of a surrogate pair stands alone", malformed);
    }
  }
}
