package dev.perfkit.compress;

import java.util.Set;

/**
 * Which content types shrink. What is not in the table does not: an unknown type is more often
 * packed already than not, and the host can add its own.
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

  /** Types whose bodies are sent as they come: to wait for their end would keep events back. */
  private static final Set<String> STREAMED =
      Set.of(
          "text/event-stream",
          "application/x-ndjson",
          "application/jsonl",
          "application/json-seq",
          "application/stream+json");

  /** Types that shrink, but not by much more at a better level. */
  private static final Set<String> BINARY =
      Set.of(
          "application/msword",
          "application/vnd.ms-excel",
          "application/vnd.ms-fontobject",
          "application/vnd.ms-powerpoint",
          "application/wasm",
          "application/x-protobuf",
          "image/bmp",
          "image/vnd.microsoft.icon",
          "image/x-icon");

  private ContentTypes() {}

  /**
   * Returns whether the body of a type is not text.
   *
   * @param type type and subtype in lower case, without parameters
   */
  static boolean isBinary(String type) {
    return BINARY.contains(type) || type.startsWith("font/");
  }

  /**
   * Returns whether the body of a type is to be sent as it comes.
   *
   * @param type type and subtype in lower case, without parameters
   */
  static boolean isStreamed(String type) {
    return STREAMED.contains(type);
  }

  /**
   * Returns whether a type shrinks.
   *
   * @param type type and subtype in lower case, without parameters
   */
  static boolean shrinks(String type, Set<String> additional) {
    return COMPRESSIBLE.contains(type)
        || type.startsWith("text/")
        || STREAMED.contains(type)
        || type.endsWith("+json")
        || type.endsWith("+xml")
        || type.endsWith("+yaml")
        || type.endsWith("+text")
        || additional.contains(type);
  }
}
