package dev.perfkit.compress;

import static dev.perfkit.compress.Coding.GZIP;
import static dev.perfkit.compress.Coding.IDENTITY;
import static dev.perfkit.compress.Coding.ZSTD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Proves that negotiation keeps the grammar and the preferences of RFC 9110 section 12.5.3, agrees
 * with a plain second implementation on anything like a header, and stays bounded and free of
 * allocation on whatever a client sends.
 */
class AcceptEncodingTest {

  private static final List<Coding> BOTH = List.of(ZSTD, GZIP);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      textBlock =
          """
          ''                                   | identity
          gzip                                 | gzip
          GZip                                 | gzip
          x-gzip                               | gzip
          X-GZIP;Q=0.5                         | gzip
          zstd                                 | zstd
          gzip, deflate, br, zstd              | zstd
          gzip;q=1.0, zstd;q=0.9               | gzip
          gzip;q=0.001                         | gzip
          gzip;q=0.500,zstd;q=0.501            | zstd
          gzip ; q=0.8 , zstd ; q=0.2          | gzip
          gzip;q=1.,zstd;q=0.                  | gzip
          gzip;q=0                             | identity
          gzip;q=0.000                         | identity
          *                                    | zstd
          *;q=0.1                              | zstd
          zstd;q=0, *                          | gzip
          gzip;q=0.4, *;q=0.3                  | gzip
          br, deflate                          | identity
          identity                             | identity
          identity, gzip                       | gzip
          identity;q=0.5, gzip;q=0.4           | identity
          identity;q=0.5, gzip;q=0.5           | gzip
          identity;q=0                         | none
          identity;q=0, br                     | none
          *;q=0                                | none
          *;q=0, identity;q=0.1                | identity
          *;q=0, identity                      | identity
          *;q=0, gzip                          | gzip
          identity;q=0, gzip                   | gzip
          identity;q=0, *;q=0.5                | zstd
          gzip;q=0, gzip;q=0.5                 | gzip
          gzip;q=0.5, gzip;q=0                 | gzip
          ,, ,gzip ,,                          | gzip
          gzip;q=0.2, zstd;q=0.1, gzip;q=0.001 | gzip
          """)
  void choose_wellFormedField_followsWeightsThenServerPreference(
      String field, @Nullable String expected) {
    Coding chosen = choose(BOTH, field);
    assertThat(chosen == null ? null : chosen.token()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          gzip;q=1.001
          gzip;q=1.0000
          gzip;q=0.0001
          gzip;q=2
          gzip;q=-1
          gzip;q=
          gzip;q
          gzip;
          gzip;;q=1
          gzip;q=.5
          gzip;q= 1
          gzip;q =1
          gzip;q=1e0
          gzip;q=0,5x
          gzip;q="1"
          gzip;level=9
          gzip;level=9;q=1
          gzip;q=1;level=9
          gzip q=1
          gzip gzip
          gzip;q=１
          gzıp
          zſtd
          x‑gzip
          g zip
          """)
  void choose_malformedMember_isSkipped(String field) {
    assertThat(choose(BOTH, field)).isEqualTo(IDENTITY);
    assertThat(choose(BOTH, field + ", zstd;q=0.1")).as("with a good one").isEqualTo(ZSTD);
  }

  @Test
  void choose_absentField_isIdentity() {
    assertThat(AcceptEncoding.choose(AcceptEncoding.parse(null), BOTH)).isEqualTo(IDENTITY);
    assertThat(AcceptEncoding.choose(AcceptEncoding.parse(List.of()), BOTH)).isEqualTo(IDENTITY);
  }

  @Test
  void choose_severalLines_countAsOne() {
    assertThat(choose(BOTH, "gzip;q=0.5", "zstd;q=0.4")).isEqualTo(GZIP);
    assertThat(choose(BOTH, "br", "", "identity;q=0")).isNull();
    assertThat(choose(BOTH, "gzip;q=0", "*")).isEqualTo(ZSTD);
  }

  @Test
  void choose_tie_isSettledByTheOrderOfTheOffer() {
    assertThat(choose(List.of(GZIP, ZSTD), "zstd, gzip")).isEqualTo(GZIP);
    assertThat(choose(List.of(ZSTD, GZIP), "gzip, zstd")).isEqualTo(ZSTD);
  }

  @Test
  void choose_nothingOffered_isIdentityUnlessForbidden() {
    assertThat(choose(List.of(), "gzip, *")).isEqualTo(IDENTITY);
    assertThat(choose(List.of(), "*;q=0")).isNull();
  }

  @Test
  void parse_controlCharacters_neitherThrowNorMatch() {
    for (char c = 0; c < 0x100; c++) {
      if (c != ' ' && c != '\t' && c != ',') {
        char now = c;
        assertThatCode(() -> choose(BOTH, now + "gzip" + now)).doesNotThrowAnyException();
        assertThat(choose(BOTH, "gzip" + c)).as("gzip and %d", (int) c).isEqualTo(IDENTITY);
        if (c != 'x' && c != 'X') {
          assertThat(choose(BOTH, c + "-gzip")).as("%d and -gzip", (int) c).isEqualTo(IDENTITY);
        }
        if (c != '-') {
          assertThat(choose(BOTH, "x" + c + "gzip")).as("x %d gzip", (int) c).isEqualTo(IDENTITY);
        }
      }
    }
  }

  @Test
  void parse_weightOfFourHundredDigits_isMalformed() {
    assertThat(choose(BOTH, "gzip;q=0." + "1".repeat(400))).isEqualTo(IDENTITY);
    assertThat(choose(BOTH, "gzip;q=" + "1".repeat(400) + ", zstd")).isEqualTo(ZSTD);
  }

  @Test
  void parse_tenThousandMembers_isBoundedWork() {
    String member = "gzip;q=0.001,";
    String hostile = member.repeat(10_000) + "zstd";
    List<String> many = Collections.nCopies(10_000, hostile);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          for (int i = 0; i < 10_000; i++) {
            assertThat(AcceptEncoding.choose(AcceptEncoding.parse(many), BOTH))
                .as("read up to the limit, not to the end")
                .isEqualTo(GZIP);
          }
        });
  }

  @Test
  void parse_memberCutOffAtTheLimit_isSkipped() {
    String filler = "x".repeat(AcceptEncoding.MAX_LENGTH - 5) + ",";
    assertThat(choose(BOTH, filler + "gzip;q=0")).isEqualTo(IDENTITY);
    assertThat(choose(BOTH, filler + "gzip")).as("exactly at the limit").isEqualTo(GZIP);
    assertThat(choose(BOTH, filler, "gzip")).as("after it").isEqualTo(IDENTITY);
  }

  @Test
  void choose_typicalField_allocatesNothing() {
    List<String> lines = List.of("gzip, deflate, br, zstd");
    assertThat(warm(lines, 100_000)).isPositive();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(id);
    int chosen = warm(lines, 100_000);
    long allocated = threads.getThreadAllocatedBytes(id) - before;
    assertThat(chosen).isPositive();
    assertThat(allocated).as("bytes in 100,000 negotiations").isLessThan(100_000);
  }

  @Test
  void parse_linesThatHaveNoIndex_areReadAlike() {
    assertThat(AcceptEncoding.parse(new ArrayDeque<>(List.of("gzip;q=0.5", "br", "zstd;q=0.4"))))
        .isEqualTo(AcceptEncoding.parse(List.of("gzip;q=0.5", "br", "zstd;q=0.4")));
    ArrayDeque<String> many = new ArrayDeque<>(Collections.nCopies(AcceptEncoding.MAX_LENGTH, ""));
    many.add("gzip");
    assertThat(AcceptEncoding.parse(many)).isEqualTo(AcceptEncoding.NOTHING);
  }

  private static int warm(List<String> lines, int times) {
    int chosen = 0;
    for (int i = 0; i < times; i++) {
      chosen += ZSTD.equals(AcceptEncoding.choose(AcceptEncoding.parse(lines), BOTH)) ? 1 : 0;
    }
    return chosen;
  }

  @Property(tries = 5_000)
  void choose_anythingLikeAField_agreesWithThePlainImplementation(
      @ForAll("fields") List<String> lines) {
    assertThat(choose(BOTH, lines.toArray(String[]::new))).isEqualTo(Plain.choose(lines, BOTH));
  }

  @Property(tries = 500)
  void choose_membersReorderedAndSplit_isTheSame(@ForAll("fields") List<String> lines) {
    String joined = String.join(",", lines);
    List<String> members = Arrays.asList(joined.split(",", -1));
    Collections.reverse(members);
    assertThat(choose(BOTH, members.toArray(String[]::new))).isEqualTo(choose(BOTH, joined));
  }

  @Property(tries = 2_000)
  void parse_anyCharacters_neverThrows(@ForAll String anything) {
    assertThatCode(() -> choose(BOTH, anything, "gzip")).doesNotThrowAnyException();
  }

  @Provide
  Arbitrary<List<String>> fields() {
    Arbitrary<String> name =
        Arbitraries.of(
            "gzip",
            "GZIP",
            "x-gzip",
            "zstd",
            "br",
            "identity",
            "Identity",
            "*",
            "",
            "gzi",
            "zstdd");
    Arbitrary<String> weight =
        Arbitraries.of(
            "",
            ";q=1",
            ";q=0",
            ";q=0.5",
            ";q=0.25",
            "; Q=0.999",
            " ;q=1.000",
            ";q=1.5",
            ";q=0.0001",
            ";q=x",
            ";q=0.",
            ";q=0.000",
            ";x=1",
            ";q=0.5 ",
            "\t;\tq=0.001\t",
            ";",
            " q=1");
    Arbitrary<String> member = Combinators.combine(name, weight).as((a, b) -> a + b);
    Arbitrary<String> line = member.list().ofMaxSize(6).map(members -> String.join(", ", members));
    return line.list().ofMaxSize(3);
  }

  private static @Nullable Coding choose(List<Coding> offered, String... lines) {
    return AcceptEncoding.choose(AcceptEncoding.parse(List.of(lines)), offered);
  }

  /** The same rules once more, by regular expression, map and decimal numbers. */
  private static final class Plain {

    private static final Pattern MEMBER =
        Pattern.compile(
            "[ \t]*([^ \t,;]+)([ \t]*;[ \t]*[qQ]=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?))?[ \t]*");

    static @Nullable Coding choose(List<String> lines, List<Coding> offered) {
      Map<String, BigDecimal> weights = weights(lines);
      @Nullable Coding best = null;
      for (Coding coding : offered) {
        if (of(weights, coding).signum() > 0
            && (best == null || of(weights, coding).compareTo(of(weights, best)) > 0)) {
          best = coding;
        }
      }
      BigDecimal identity = weights.get("identity");
      if (best != null) {
        return identity != null && identity.compareTo(of(weights, best)) > 0 ? IDENTITY : best;
      }
      BigDecimal effective = identity != null ? identity : weights.get("*");
      return effective != null && effective.signum() == 0 ? null : IDENTITY;
    }

    private static BigDecimal of(Map<String, BigDecimal> weights, Coding coding) {
      BigDecimal star = weights.getOrDefault("*", BigDecimal.ZERO);
      return weights.getOrDefault(coding.token(), star);
    }

    private static Map<String, BigDecimal> weights(List<String> lines) {
      Map<String, BigDecimal> weights = new HashMap<>();
      for (String member : String.join(",", lines).split(",", -1)) {
        Matcher matcher = MEMBER.matcher(member);
        if (matcher.matches()) {
          String name = matcher.group(1).toLowerCase(Locale.ROOT);
          String weight = matcher.group(3) == null ? "1" : matcher.group(3);
          BigDecimal value =
              new BigDecimal(weight.endsWith(".") ? weight.replace(".", "") : weight);
          weights.merge(name.equals("x-gzip") ? "gzip" : name, value, BigDecimal::max);
        }
      }
      return weights;
    }
  }
}
