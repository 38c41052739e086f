package dev.perfkit.benchmarks.compress;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Prints how many bytes bodies have in each coding, ours and the library's, as a table: of the
 * generated corpus, and of each file that is named. The same at every run.
 */
public final class Sizes {

  private static final List<String> CODINGS =
      List.of("gzip-6", "deflate-6", "zstd-1", "zstd-3", "zstd-19", "br-4", "br-5", "br-11");
  private static final int[] GENERATED = {1_024, 4_096, 10_240, 65_536, 1 << 20};

  private Sizes() {}

  /**
   * Prints the tables.
   *
   * @param files paths of bodies, each taken as a whole and cut to the sizes of the generated ones
   */
  public static void main(String[] files) {
    print(System.out, Corpus.GENERATED, GENERATED);
    for (String file : files) {
      int length = Corpus.body(file, 0).length;
      IntStream cut = IntStream.of(GENERATED).filter(size -> size < length);
      print(System.out, file, IntStream.concat(cut, IntStream.of(length)).toArray());
    }
  }

  private static void print(PrintStream out, String corpus, int[] sizes) {
    for (int size : sizes) {
      byte[] body = Corpus.body(corpus, size);
      out.printf("%n| %,d bytes in | raw | perfkit | to raw | saved |%n", size);
      out.println("|---|---|---|---|---|");
      CODINGS.forEach(coding -> out.println(row(coding, body)));
      out.println();
    }
  }

  private static String row(String coding, byte[] body) {
    try (Ours ours = Ours.response(coding);
        RawCodec raw = RawCodec.of(coding, false)) {
      int here = ours.encode(body).length;
      int there = raw.encode(body).length;
      return String.format(
          Locale.ROOT,
          "| %s | %,d | %,d | %+.2f %% | %.1f %% |",
          coding,
          there,
          here,
          100.0 * (here - there) / there,
          100.0 * (body.length - here) / body.length);
    }
  }
}
