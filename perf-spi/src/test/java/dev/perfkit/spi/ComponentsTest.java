package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.perfkit.spi.Health.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Proves the order of closing, that one failure spoils nothing else, and what the group tells. */
class ComponentsTest {

  private final List<String> closed = new ArrayList<>();
  private final Components all = Components.named("app");

  @Test
  void close_severalComponents_closesTheLastAddedFirst() {
    all.add(new Part("a"));
    all.add(new Part("b"));
    all.add(new Part("c"));
    all.close();
    assertThat(closed).containsExactly("c", "b", "a");
  }

  @Test
  void close_again_doesNothing() {
    all.add(new Part("a"));
    all.close();
    all.close();
    assertThat(closed).containsExactly("a");
  }

  @Test
  void close_someFail_closesAllAndNamesThem() {
    all.add(new Part("a").closing(new IllegalStateException("first")));
    all.add(new Part("b"));
    all.add(new Part("c").closing(new AssertionError("last")));
    assertThatIllegalStateException()
        .isThrownBy(all::close)
        .withMessage("could not close [part 'c', part 'a']")
        .satisfies(
            failure ->
                assertThat(failure.getSuppressed())
                    .extracting(Throwable::getMessage)
                    .containsExactly("last", "first"));
    assertThat(closed).containsExactly("c", "b", "a");
    all.close();
    assertThat(closed).as("after another close").hasSize(3);
  }

  @Test
  void close_evenTheNameFails_closesAll() {
    Part broken = new Part("b").closing(new IllegalStateException("close"));
    all.add(new Part("a"));
    all.add(broken);
    broken.nameless = true;
    assertThatIllegalStateException()
        .isThrownBy(all::close)
        .withMessage("could not close [" + Part.class.getName() + "]");
    assertThat(closed).containsExactly("b", "a");
  }

  @Test
  void close_byManyThreads_closesEachOnce() throws Exception {
    AtomicInteger closes = new AtomicInteger();
    all.add(
        new Part("a") {
          @Override
          public void close() {
            closes.incrementAndGet();
          }
        });
    ExecutorService threads = Executors.newFixedThreadPool(4);
    CountDownLatch start = new CountDownLatch(4);
    for (int i = 0; i < 4; i++) {
      threads.execute(
          () -> {
            start.countDown();
            try {
              start.await();
            } catch (InterruptedException stopped) {
              Thread.currentThread().interrupt();
            }
            all.close();
          });
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(closes).hasValue(1);
  }

  @Test
  void add_whileComponentsClose_isRefusedInsteadOfForgotten() {
    AtomicReference<Throwable> refused = new AtomicReference<>();
    all.add(
        new Part("a") {
          @Override
          public void close() {
            try {
              all.add(new Part("late"));
            } catch (IllegalStateException expected) {
              refused.set(expected);
            }
          }
        });
    all.close();
    assertThat(refused.get()).isNotNull();
  }

  @Test
  void add_afterClose_isRefusedAndLeavesTheComponentOpen() {
    all.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> all.add(new Part("a")))
        .withMessage("cannot add part 'a': components 'app' are closed");
    assertThat(closed).isEmpty();
    assertThat(all.all()).isEmpty();
  }

  @Test
  void add_sameKindAndName_isRefused() {
    Part first = all.add(new Part("a"));
    all.add(new Part("b"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> all.add(new Part("a")))
        .withMessage(
            "kind and name must be unique in components 'app' but part 'a' is already held");
    assertThat(all.all()).hasSize(2).startsWith(first);
    all.add(
        new Part("a") {
          @Override
          public String kind() {
            return "other";
          }
        });
    assertThat(all.all()).hasSize(3);
  }

  @Test
  void named_blankOrNull_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Components.named(" "))
        .withMessage("name must not be blank but was ' '");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void add_null_isRefused() {
    assertThatNullPointerException().isThrownBy(() -> Components.named(null));
    assertThatNullPointerException().isThrownBy(() -> all.add((Part) null));
  }

  @Test
  void all_handedOut_isAnUnchangingCopy() {
    List<Component> before = all.all();
    all.add(new Part("a"));
    assertThat(before).isEmpty();
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> all.all().clear());
  }

  @Test
  void health_allUp_isUp() {
    assertThat(all.health()).isEqualTo(Health.up());
    all.add(new Part("a"));
    assertThat(all.health()).isEqualTo(Health.up());
  }

  @Test
  void health_severalTroubles_isTheWorstWithADetailForEach() {
    all.add(new Part("a").health(() -> Health.of(Status.DEGRADED, "slow")));
    all.add(new Part("b").health(() -> Health.of(Status.DOWN, "dead").with("tries", "3")));
    all.add(new Part("c"));
    all.add(new Part("d").health(() -> Health.of(Status.DOWN, "dead too")));
    Health health = all.health();
    assertThat(health.status()).isEqualTo(Status.DOWN);
    assertThat(health.reason()).isEqualTo("part 'b': dead");
    assertThat(health.details())
        .hasSize(3)
        .containsEntry("part 'a'", "DEGRADED: slow")
        .containsEntry("part 'b'", "DOWN: dead {tries=3}")
        .containsEntry("part 'd'", "DOWN: dead too");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void health_componentFailsToTell_isUnknown() {
    for (Supplier<Health> broken :
        List.<Supplier<Health>>of(
            () -> {
              throw new IllegalStateException("broken");
            },
            () -> {
              throw new NoClassDefFoundError("broken");
            },
            () -> null)) {
      Components group = Components.named("app");
      group.add(new Part("a").health(broken));
      assertThat(group.health().status()).isEqualTo(Status.UNKNOWN);
      assertThat(group.health().reason()).startsWith("part 'a': health() failed: ");
    }
  }

  @Test
  void health_closed_isDown() {
    all.add(new Part("a"));
    all.close();
    assertThat(all.health()).isEqualTo(Health.of(Status.DOWN, "closed"));
  }

  @Test
  void knobs_ofSeveralComponents_areNamedApartAndTurnTheirs() {
    AtomicReference<Double> a = new AtomicReference<>(1.0);
    AtomicReference<Double> b = new AtomicReference<>(1.0);
    all.add(new Part("a").knob(Knob.of("size", "", 0, 9, 1, a::get, a::set)));
    all.add(new Part("b").knob(Knob.of("size", "", 0, 9, 1, b::get, b::set)));
    assertThat(all.knobs()).extracting(Knob::name).containsExactly("part/a/size", "part/b/size");
    all.knobs().get(1).set(5);
    assertThat(a.get()).isEqualTo(1);
    assertThat(b.get()).isEqualTo(5);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> all.knobs().clear());
  }

  @Test
  void group_insideAGroup_isHeldLikeAnyComponent() {
    Components outer = Components.named("process");
    outer.add(all);
    all.add(new Part("a").health(() -> Health.of(Status.DEGRADED, "slow")));
    assertThat(outer.health().reason()).isEqualTo("components 'app': part 'a': slow");
    assertThat(outer).hasToString("Components[process, [components 'app']]");
    outer.close();
    assertThat(closed).containsExactly("a");
  }

  private class Part implements Component {

    private final String name;
    private final List<Knob> knobs = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private Supplier<Health> health = Health::up;
    private boolean nameless;

    Part(String name) {
      this.name = name;
    }

    Part closing(Throwable with) {
      failure.set(with);
      return this;
    }

    Part health(Supplier<Health> is) {
      health = is;
      return this;
    }

    Part knob(Knob knob) {
      knobs.add(knob);
      return this;
    }

    @Override
    public String kind() {
      return "part";
    }

    @Override
    public String name() {
      if (nameless) {
        throw new IllegalStateException("no name");
      }
      return name;
    }

    @Override
    public Health health() {
      return health.get();
    }

    @Override
    public List<Knob> knobs() {
      return knobs;
    }

    @Override
    public void close() {
      closed.add(name);
      Throwable thrown = failure.get();
      if (thrown instanceof RuntimeException exception) {
        throw exception;
      }
      if (thrown instanceof Error error) {
        throw error;
      }
    }
  }
}
