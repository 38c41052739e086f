package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Proves what identifies a series and which names are refused. */
class MetricTest {

  @Test
  void named_wellFormed_isKept() {
    for (String name : List.of("hits", "cache.hits", "cache.l2.read_bytes", "a")) {
      Metric metric = Metric.named(name);
      assertThat(metric.name()).isEqualTo(name);
      assertThat(metric.unit()).isEmpty();
      assertThat(metric.help()).isEmpty();
      assertThat(metric.tags()).isEmpty();
      assertThat(metric).hasToString(name);
    }
  }

  @Test
  void named_anotherForm_isRefused() {
    for (String name :
        List.of("", "Cache", "cache hits", ".a", "a.", "a..b", "1a", "a.1", "a-b", "é")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Metric.named(name))
          .withMessageStartingWith("metric name must match ")
          .withMessageEndingWith(" but was '" + name + "'");
    }
  }

  @Test
  void tag_anotherFormOfKey_isRefused() {
    for (String key : List.of("", "Key", "a.b", "a-b", "1")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Metric.named("a").tag(key, "v"))
          .withMessageStartingWith("tag key must match ");
    }
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void anyPart_null_isRefused() {
    assertThatNullPointerException().isThrownBy(() -> Metric.named(null));
    assertThatNullPointerException().isThrownBy(() -> Metric.named("a").unit(null));
    assertThatNullPointerException().isThrownBy(() -> Metric.named("a").help(null));
    assertThatNullPointerException().isThrownBy(() -> Metric.named("a").tag(null, "v"));
    assertThatNullPointerException().isThrownBy(() -> Metric.named("a").tag("k", null));
  }

  @Test
  void equals_sameNameAndTags_isTheSameSeries() {
    Metric one = Metric.named("cache.hits").tag("cache", "users").tag("tier", "memory");
    Metric same =
        Metric.named("cache.hits")
            .unit("hits")
            .tag("tier", "memory")
            .help("Answers from the cache.")
            .tag("cache", "users");
    assertThat(one).isEqualTo(same).hasSameHashCodeAs(same);
    assertThat(one).isNotEqualTo(Metric.named("cache.misses").tag("cache", "users"));
    assertThat(one).isNotEqualTo(one.tag("tier", "remote")).isNotEqualTo(one.tag("more", "x"));
    assertThat(one).isNotEqualTo("cache.hits");
  }

  @Test
  void tag_sameKeyAgain_replacesTheValueAndLeavesTheFirstMetricAlone() {
    Metric first = Metric.named("a").tag("k", "1");
    Metric second = first.tag("k", "2");
    assertThat(first.tags()).containsEntry("k", "1").hasSize(1);
    assertThat(second.tags()).containsEntry("k", "2").hasSize(1);
    assertThat(second).hasToString("a{k=2}");
  }

  @Test
  void parts_changedOneByOne_areAllKept() {
    Metric metric = Metric.named("a").help("Help.").unit("bytes").tag("z", "1").tag("b", "2");
    assertThat(metric.help()).isEqualTo("Help.");
    assertThat(metric.unit()).isEqualTo("bytes");
    assertThat(metric.tags().keySet()).containsExactly("b", "z");
  }

  @Test
  void tags_handedOut_cannotBeChanged() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> Metric.named("a").tags().put("k", "v"));
  }
}
