package dev.perfkit.pool;

/** Reads JDBC URLs. */
final class JdbcUrls {

  private static final String POSTGRES = "jdbc:postgresql:";

  private JdbcUrls() {}

  static boolean isPostgres(String url) {
    return url.startsWith(POSTGRES);
  }

  /** Returns the URL without parameters and user information, which may hold a password. */
  static String shown(String url) {
    String bare = url.split("[?;]", 2)[0];
    return bare.replaceFirst("//[^/@]*@", "//");
  }

  static boolean hasParameter(String url, String name) {
    return url.contains("?" + name + "=") || url.contains("&" + name + "=");
  }

  static String withParameter(String url, String name, String value) {
    return url + (url.contains("?") ? "&" : "?") + name + "=" + value;
  }
}
