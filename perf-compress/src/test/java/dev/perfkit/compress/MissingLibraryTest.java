package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Proves what happens where zstd-jni or brotli4j is not on the class path, and where it is but its
 * native library cannot be loaded: the same classes run in a class loader that hides the one or the
 * other.
 */
class MissingLibraryTest {

  private static final String LOG_LEVEL = "org.slf4j.simpleLogger.log.dev.perfkit.compress";

  /** What is asked inside the other class loader, and its answers as plain text. */
  public static final class Probe implements Callable<List<String>> {

    @Override
    public List<String> call() {
      List<String> answers = new ArrayList<>();
      List<Event> events = new ArrayList<>();
      try (ResponseCompressor standard = build(false, events::add);
          ResponseCompressor asked = build(true, events::add)) {
        answers.add("offered " + standard.offered());
        answers.add("health " + standard.health().status());
        answers.add("detail " + standard.health().details().get("zstd"));
        answers.add("br " + standard.health().details().get("br"));
        answers.add("asked " + asked.health().status() + " " + asked.health().reason());
        answers.add("negotiated " + standard.negotiate(List.of("zstd, gzip;q=0.1")));
        answers.add("knobs " + standard.knobs().size());
        answers.add("events " + events.stream().map(Event::type).toList());
      }
      answers.add("variants " + messageOfVariants());
      answers.add("transform " + messageOfZstdTransform());
      answers.add(
          "gzip " + (CompressionTransform.gzip(6).encode(new byte[5_000], new byte[0]) != null));
      return answers;
    }

    private static ResponseCompressor build(boolean asked, EventSink events) {
      ResponseCompressorBuilder builder = ResponseCompressor.named("web").events(events);
      return (asked ? builder.prefer(Coding.ZSTD, Coding.GZIP) : builder).build();
    }

    private static String messageOfVariants() {
      try (ResponseCompressor web =
          ResponseCompressor.named("web")
              .prefer(Coding.GZIP)
              .variants(Variants.upTo(ByteSize.ofMebibytes(1)))
              .build()) {
        return "kept by " + web.name();
      } catch (CompressException refused) {
        return String.valueOf(refused.getMessage());
      }
    }

    private static String messageOfZstdTransform() {
      try {
        return "made " + CompressionTransform.zstd(3);
      } catch (CompressException refused) {
        return String.valueOf(refused.getMessage());
      }
    }
  }

  @Test
  void library_absent_isNotOfferedAndOnlyMissedWhereAskedFor() throws Exception {
    List<String> answers = new ArrayList<>();
    String log = loggedBy(() -> answers.addAll(askWithout("com.github.luben.", null)));
    String problem = "com.github.luben:zstd-jni is not on the class path: add it to offer zstd";
    assertThat(answers)
        .containsExactly(
            "offered [br, gzip]",
            "health UP",
            "detail " + problem,
            "br null",
            "asked DEGRADED zstd is not offered: " + problem,
            "negotiated gzip",
            "knobs 3",
            "events [coding-unavailable]",
            "variants kept by web",
            "transform a zstd transform cannot be made: " + problem + ", or use gzip",
            "gzip true");
    assertThat(log.lines().filter(line -> line.contains("INFO dev.perfkit.")))
        .as(log)
        .singleElement()
        .asString()
        .contains("compressor 'web' does not offer zstd: " + problem);
    assertThat(log.lines().filter(line -> line.contains("WARN dev.perfkit.")))
        .as(log)
        .singleElement()
        .asString()
        .contains("compressor 'web': zstd is not offered: " + problem);
  }

  @Test
  void brotli_absent_isADetailOfUp() throws Exception {
    assertThat(askWithout("com.aayushatharva.", null))
        .contains(
            "offered [zstd, gzip]",
            "health UP",
            "br com.aayushatharva.brotli4j:brotli4j is not on the class path: add it to offer br",
            "events []");
  }

  @Test
  void caffeine_absent_isMissedWhereVariantsAreAskedForOnly() throws Exception {
    assertThat(askWithout("com.github.benmanes.", null))
        .contains(
            "health UP",
            "variants variants cannot be kept: com.github.ben-manes.caffeine:caffeine is not on the"
                + " class path: add it");
  }

  @Test
  void nativeLibrary_notLoadable_isDegradedWithTheCause() throws Exception {
    List<String> answers = askWithout(null, ".so");
    assertThat(answers).contains("offered [gzip]", "health DEGRADED", "negotiated gzip", "knobs 2");
    assertThat(answers.get(2))
        .startsWith("detail com.github.luben:zstd-jni is on the class path but does not work here")
        .contains("UnsatisfiedLinkError");
    assertThat(answers)
        .contains("events [coding-unavailable, coding-unavailable, coding-unavailable]");
    assertThat(answers).filteredOn(answer -> answer.startsWith("transform a zstd")).hasSize(1);
  }

  @Test
  void library_present_isOffered() throws Exception {
    assertThat(askWithout(null, null))
        .contains("offered [zstd, br, gzip]", "health UP", "events []");
    assertThat(ResponseCompressor.create().health()).isEqualTo(Health.up());
  }

  @Test
  void identity_askedForACodec_isRefused() {
    assertThatThrownBy(() -> Codecs.of(Coding.IDENTITY))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<String> askWithout(
      @Nullable String hiddenClasses, @Nullable String hiddenFiles) throws Exception {
    try (URLClassLoader loader = new HidingClassLoader(hiddenClasses, hiddenFiles)) {
      Object probe = loader.loadClass(Probe.class.getName()).getDeclaredConstructor().newInstance();
      List<String> answers = new ArrayList<>();
      for (Object answer : (List<?>) ((Callable<?>) probe).call()) {
        answers.add(String.valueOf(answer));
      }
      return answers;
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static String loggedBy(Work work) throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    // A quiet build hands its own log level down to the JVM of the tests.
    System.setProperty(LOG_LEVEL, "info");
    try {
      work.run();
    } finally {
      System.clearProperty(LOG_LEVEL);
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8);
  }

  /** Loads everything but the JDK itself, except what it hides. */
  private static final class HidingClassLoader extends URLClassLoader {

    private final @Nullable String hiddenClasses;
    private final @Nullable String hiddenFiles;

    HidingClassLoader(@Nullable String hiddenClasses, @Nullable String hiddenFiles)
        throws Exception {
      super(classPath(), ClassLoader.getPlatformClassLoader());
      this.hiddenClasses = hiddenClasses;
      this.hiddenFiles = hiddenFiles;
    }

    private static URL[] classPath() throws Exception {
      List<URL> urls = new ArrayList<>();
      String[] entries =
          System.getProperty("java.class.path").split(System.getProperty("path.separator"), -1);
      for (String entry : entries) {
        urls.add(new File(entry).toURI().toURL());
      }
      return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (hiddenClasses != null && name.startsWith(hiddenClasses)) {
        throw new ClassNotFoundException(name);
      }
      return super.findClass(name);
    }

    @Override
    public @Nullable URL getResource(String name) {
      return hiddenFiles != null && name.endsWith(hiddenFiles) ? null : super.getResource(name);
    }
  }
}
