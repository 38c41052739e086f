package dev.perfkit.testkit.internal;

import java.util.Locale;

/** The system and processor this JVM runs on, in the words the packed binaries use. */
public final class Platform {

  private Platform() {}

  /** Returns {@code linux} or {@code darwin}, or the system's own name if it is neither. */
  public static String system() {
    String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    return name.startsWith("mac") ? "darwin" : name;
  }

  /** Returns {@code amd64} or {@code arm64}, or the processor's own name if it is neither. */
  public static String processor() {
    String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> name;
    };
  }

  /** Returns both, such as {@code linux-amd64}. */
  public static String name() {
    return system() + "-" + processor();
  }

  static void requireSupported() {
    String system = system();
    if (!system.equals("linux") && !system.equals("darwin")) {
      throw new IllegalStateException(
          "server fixtures run on Linux and macOS, but os.name is "
              + System.getProperty("os.name")
              + "; run these tests in a Linux container or virtual machine");
    }
  }
}
