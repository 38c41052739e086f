package dev.perfkit.compress;

import org.jspecify.annotations.Nullable;

/** Finds out which codecs work in this process. */
final class Codecs {

  /** What an application adds to have zstd. */
  static final String ZSTD_LIBRARY = "com.github.luben:zstd-jni";

  private Codecs() {}

  /** Returns the codec of a coding, or why there is none. */
  static Availability of(Coding coding) {
    return switch (coding) {
      case GZIP -> Availability.of(GzipCodec.INSTANCE);
      case ZSTD -> zstd();
      case IDENTITY -> throw new IllegalArgumentException("identity has no codec");
    };
  }

  private static Availability zstd() {
    try {
      return Availability.of(new ZstdCodec());
    } catch (NoClassDefFoundError missing) {
      return isOnClassPath()
          ? Availability.broken(missing)
          : new Availability(
              null,
              ZSTD_LIBRARY + " is not on the class path: add it to offer zstd",
              false,
              missing);
    } catch (LinkageError | RuntimeException failure) {
      return Availability.broken(failure);
    }
  }

  private static boolean isOnClassPath() {
    try {
      Class.forName("com.github.luben.zstd.Zstd", false, Codecs.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError missing) {
      return false;
    }
  }

  /**
   * A codec or what is in its way.
   *
   * @param problem what is wrong and what to do; empty if there is a codec
   * @param broken whether the library is there but does not work
   */
  record Availability(
      @Nullable Codec codec, String problem, boolean broken, @Nullable Throwable cause) {

    static Availability of(Codec codec) {
      return new Availability(codec, "", false, null);
    }

    static Availability broken(Throwable cause) {
      return new Availability(
          null,
          ZSTD_LIBRARY
              + " is on the class path but does not work here ("
              + firstLine(cause)
              + "): see that its version is the managed one and its native library can be loaded",
          true,
          cause);
    }

    private static String firstLine(Throwable cause) {
      return cause.toString().lines().findFirst().orElse("");
    }
  }
}
