package dev.perfkit.compress;

import java.util.Set;

/**
 * Which content types shrink. What is not in the table does not: an unknown type is more often
 * packed already than not, and the host can add its own.
 *
 * <p>{@code text/event-stream} is left out, because a body that is encoded as a whole would keep
 * the events back.
 */
final class ContentTypes {

  static final Set<String> COMPRESSIBLE =
      Set.of(
          "application/graphql",
          "application/javascript",
          "application/json",
          "application/msword",
          "application/rtf",
          "application/sql",
          "application/vnd.ms-excel",
          "application/vnd.ms-fontobject",
          "application/vnd.ms-powerpoint",
          "application/wasm",
          "application/x-httpd-php",
          "application/x-javascript",
          "application/x-ndjson",
          "application/x-protobuf",
          "application/x-sh",
          "application/x-www-form-urlencoded",
          "application/x-yaml",
          "application/xml",
          "application/xml-dtd",
          "application/yaml",
          "font/collection",
          "font/otf",
          "font/sfnt",
          "font/ttf",
          "image/bmp",
          "image/vnd.microsoft.icon",
          "image/x-icon",
          "model/obj");

  private static final String EVENT_STREAM = "text/event-stream";

  private ContentTypes() {}

  /**
   * Returns whether a type shrinks.
   *
   * @param type type and subtype in lower case, without parameters
   */
  static boolean shrinks(String type, Set<String> additional) {
    return COMPRESSIBLE.contains(type)
        || (type.startsWith("text/") && !type.equals(EVENT_STREAM))
        || type.endsWith("+json")
        || type.endsWith("+xml")
        || type.endsWith("+yaml")
        || type.endsWith("+text")
        || additional.contains(type);
  }
}
