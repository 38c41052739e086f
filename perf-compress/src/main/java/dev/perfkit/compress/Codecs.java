package dev.perfkit.compress;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds out which codecs work in this process. */
final class Codecs {

  /** What an application adds to have zstd. */
  static final Library ZSTD =
      new Library(
          "com.github.luben:zstd-jni",
          "com.github.luben.zstd.Zstd",
          "see that its version is the managed one and its native library can be loaded");

  /** What an application adds to have br. */
  static final Library BROTLI =
      new Library(
          "com.aayushatharva.brotli4j:brotli4j",
          "com.aayushatharva.brotli4j.Brotli4jLoader",
          "see that its native artifact for this platform, such as native-linux-x86_64, is there");

  /** What an application adds to keep variants. */
  static final Library CAFFEINE =
      new Library(
          "com.github.ben-manes.caffeine:caffeine",
          "com.github.benmanes.caffeine.cache.Caffeine",
          "see that its version is the managed one");

  private Codecs() {}

  /** Returns the codec of a coding, or why there is none. */
  static Availability of(Coding coding) {
    return switch (coding.token()) {
      case "gzip" -> Availability.of(GzipCodec.INSTANCE);
      case "deflate" -> Availability.of(DeflateCodec.INSTANCE);
      case "zstd" -> ZSTD.load(coding, ZstdCodec::new);
      case "br" -> BROTLI.load(coding, BrotliCodec::new);
      case "identity" -> throw new IllegalArgumentException("identity has no codec");
      default -> new Availability(null, "no codec of it is registered: register one", false, null);
    };
  }

  /**
   * An optional dependency.
   *
   * @param artifact what an application adds
   * @param className a class of it
   * @param cure what to do where it is there and does not work
   */
  record Library(String artifact, String className, String cure) {

    Availability load(Coding coding, Supplier<Codec> codec) {
      try {
        return Availability.of(codec.get());
      } catch (NoClassDefFoundError missing) {
        return isOnClassPath() ? broken(missing) : absent(coding, missing);
      } catch (LinkageError | RuntimeException failure) {
        return broken(failure);
      }
    }

    private Availability absent(Coding coding, Throwable missing) {
      String problem = artifact + " is not on the class path: add it to offer " + coding.token();
      return new Availability(null, problem, false, missing);
    }

    private Availability broken(Throwable cause) {
      String why = cause.toString().lines().findFirst().orElse("");
      return new Availability(
          null,
          artifact + " is on the class path but does not work here (" + why + "): " + cure,
          true,
          cause);
    }

    /** Throws unless it is there. */
    void require(String what) {
      if (!isOnClassPath()) {
        throw new CompressException(
            what + ": " + artifact + " is not on the class path: add it", null);
      }
    }

    private boolean isOnClassPath() {
      try {
        Class.forName(className, false, Codecs.class.getClassLoader());
        return true;
      } catch (ClassNotFoundException | LinkageError missing) {
        return false;
      }
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
  }
}
