package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Metric;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * Proves, with a strict parser, the rules of the text format that a line alone does not show:
 * families stand together after their HELP and TYPE, sample names fit the type, no series comes
 * twice, label values read back, histograms are cumulative and complete, counters never go down.
 */
final class PrometheusFormatTest {

  private final FakeTimeSource time = FakeTimeSource.create();

  private record Sample(String name, Map<String, String> labels, double value) {}

  /** What the parser has read. */
  private static final class Document {
    private final Map<String, String> types = new HashMap<>();
    private final Map<String, Double> series = new HashMap<>();
    private final Map<String, String> serviceOf = new HashMap<>();
  }

  @Property(tries = 100)
  void export_anyNamesAndHelp_keepsTheRules(
      @ForAll String name, @ForAll String value, @ForAll String help) {
    try (SlaMonitor monitor = monitor()) {
      String service = name.isBlank() || name.length() > 200 ? "api" : name;
      monitor.service(service, Slo.availability(0.9).named(service)).record(5, Outcome.status(404));
      monitor.telemetry().counter(Metric.named("a").tag("le", value).help(help)).add(1);
      Document document = parse(monitor.prometheus());
      assertThat(document.serviceOf.values()).containsOnly(service);
      assertThat(document.series).containsEntry("a_total" + Map.of("tag_le", value), 1.0);
    }
  }

  @Test
  void export_asTimeGoesByAndMoreIsRecorded_countersNeverGoDown() {
    Random random = new Random(3);
    try (SlaMonitor monitor = monitor()) {
      Map<String, Double> before = Map.of();
      for (int round = 0; round < 40; round++) {
        for (int i = 0; i < random.nextInt(50); i++) {
          long nanos = (long) (1e6 * Math.exp(random.nextGaussian()));
          monitor
              .service("s" + random.nextInt(3))
              .record(nanos, Outcome.status(200 + 100 * i % 400));
          monitor.telemetry().timer(Metric.named("work")).record(nanos);
        }
        Document document = parse(monitor.prometheus());
        before.forEach(
            (series, count) ->
                assertThat(document.series.get(series))
                    .as(series)
                    .isNotNull()
                    .isGreaterThanOrEqualTo(count));
        before = new HashMap<>(document.series);
        before.keySet().removeIf(series -> isGauge(document, series));
        time.advance(Duration.ofMinutes(random.nextInt(30)));
      }
      assertThat(before).hasSizeGreaterThan(100);
    }
  }

  private SlaMonitor monitor() {
    return SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
  }

  private static boolean isGauge(Document document, String series) {
    String name = series.substring(0, series.indexOf('{'));
    return "gauge".equals(document.types.get(name));
  }

  private static Document parse(String text) {
    assertThat(text).endsWith("\n");
    Document document = new Document();
    String family = "";
    String type = "";
    Map<String, Double> last = new HashMap<>();
    Set<String> helped = new HashSet<>();
    for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
      if (line.startsWith("# HELP ")) {
        assertThat(helped.add(line.split(" ", 4)[2])).as("once: %s", line).isTrue();
      } else if (line.startsWith("# TYPE ")) {
        family = line.split(" ", 4)[2];
        type = line.split(" ", 4)[3];
        assertThat(helped).contains(family);
        assertThat(document.types.put(family, type)).as("once: %s", line).isNull();
      } else {
        Sample sample = sample(line);
        assertThat(sample.name()).isIn(namesOf(family, type));
        String key = sample.name() + sample.labels();
        assertThat(document.series.put(key, sample.value())).as("once: %s", line).isNull();
        if (sample.labels().containsKey("service")) {
          document.serviceOf.put(key, sample.labels().get("service"));
        }
        checkHistogram(family, sample, last, document);
      }
    }
    return document;
  }

  private static List<String> namesOf(String family, String type) {
    return switch (type) {
      case "histogram" -> List.of(family + "_bucket", family + "_sum", family + "_count");
      case "counter" -> {
        assertThat(family).endsWith("_total");
        yield List.of(family);
      }
      case "gauge" -> {
        assertThat(family).doesNotEndWith("_total");
        yield List.of(family);
      }
      default -> throw new AssertionError("type " + type);
    };
  }

  private static void checkHistogram(
      String family, Sample sample, Map<String, Double> last, Document document) {
    if (sample.name().equals(family + "_bucket")) {
      Map<String, String> labels = new HashMap<>(sample.labels());
      String le = labels.remove("le");
      assertThat(le).isNotNull();
      double edge = "+Inf".equals(le) ? Double.POSITIVE_INFINITY : Double.parseDouble(le);
      String key = family + labels;
      assertThat(edge).isGreaterThan(last.getOrDefault(key + " edge", 0.0));
      assertThat(sample.value()).isGreaterThanOrEqualTo(last.getOrDefault(key, 0.0));
      last.put(key + " edge", edge);
      last.put(key, sample.value());
    } else if (sample.name().equals(family + "_count")) {
      assertThat(last).containsEntry(family + sample.labels(), sample.value());
      assertThat(last).containsEntry(family + sample.labels() + " edge", Double.POSITIVE_INFINITY);
    } else if (sample.name().equals(family + "_sum")) {
      assertThat(document.series).containsKey(family + "_sum" + sample.labels());
    }
  }

  /** Reads one line by the grammar of the format. */
  private static Sample sample(String line) {
    int at = 0;
    while (at < line.length() && line.charAt(at) != '{' && line.charAt(at) != ' ') {
      at++;
    }
    String name = line.substring(0, at);
    assertThat(name).matches("[a-zA-Z_:][a-zA-Z0-9_:]*");
    Map<String, String> labels = new HashMap<>();
    if (line.charAt(at) == '{') {
      at++;
      while (line.charAt(at) != '}') {
        int equals = line.indexOf('=', at);
        String key = line.substring(at, equals);
        assertThat(key).matches("[a-zA-Z_][a-zA-Z0-9_]*");
        assertThat(line.charAt(equals + 1)).isEqualTo('"');
        StringBuilder value = new StringBuilder();
        for (at = equals + 2; line.charAt(at) != '"'; at++) {
          value.append(line.charAt(at) == '\\' ? unescaped(line.charAt(++at)) : line.charAt(at));
        }
        assertThat(labels.put(key, value.toString())).as("label once: %s", key).isNull();
        at++;
        if (line.charAt(at) == ',') {
          at++;
        }
      }
      at++;
    }
    assertThat(line.charAt(at)).isEqualTo(' ');
    return new Sample(name, labels, Double.parseDouble(line.substring(at + 1)));
  }

  private static char unescaped(char escaped) {
    return switch (escaped) {
      case 'n' -> '\n';
      case '\\', '"' -> escaped;
      default -> throw new AssertionError("escape of " + escaped);
    };
  }
}
