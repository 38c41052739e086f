package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/** What optional artifacts bring on the class path. */
public final class ClassPath {

  private ClassPath() {}

  /**
   * Checks that a class of an optional artifact is there.
   *
   * @throws IllegalStateException naming the artifact to add
   */
  public static void require(String className, String what, String artifact) {
    try {
      Class.forName(className, false, ClassPath.class.getClassLoader());
    } catch (ClassNotFoundException missing) {
      throw new IllegalStateException(missing(what, artifact), missing);
    }
  }

  /** Returns the message that something needs an artifact which is not on the class path. */
  public static String missing(String what, String artifact) {
    return what
        + " needs "
        + artifact
        + ", which is not on the class path; add it as a dependency with scope test";
  }

  /** Returns a short name for the content of a resource, so that another version has another. */
  public static String fingerprint(URL resource) {
    try {
      return Long.toHexString(checksum(resource));
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot read " + resource, failed);
    }
  }

  /** Opens a resource; its jar is not kept open by the connection cache. */
  public static InputStream open(URL resource) throws IOException {
    URLConnection connection = resource.openConnection();
    connection.setUseCaches(false);
    return connection.getInputStream();
  }

  private static long checksum(URL resource) throws IOException {
    if (resource.openConnection() instanceof JarURLConnection inJar) {
      return inJar.getJarEntry().getCrc();
    }
    try (CheckedInputStream in = new CheckedInputStream(open(resource), new CRC32())) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return in.getChecksum().getValue();
    }
  }
}
