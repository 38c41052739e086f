package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.crypto.KeysetException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Proves with any sequence of steps, at any pace, that a ring is what a plain model of its states
 * says: allowed steps do what they say, all others are refused and change nothing, and what is
 * written is read back.
 */
class RingModelTest {

  private static final int STEPS = 40;

  /** A step: which one, on which of the keys, and how many days later. */
  record Step(int kind, int key, int days) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Step> step =
        net.jqwik.api.Combinators.combine(
                Arbitraries.integers().between(0, 6),
                Arbitraries.integers().between(0, 5),
                Arbitraries.of(0, 0, 0, 1, 29, 30, 31))
            .as(Step::new);
    return step.list().ofMinSize(1).ofMaxSize(STEPS);
  }

  @Property(tries = 300)
  void steps_inAnyOrder_followTheModel(@ForAll("steps") List<Step> steps) {
    Model model = new Model();
    for (Step step : steps) {
      model.now += Duration.ofDays(step.days).toMillis();
      model.take(step);
      model.requireAgreement();
    }
  }

  /** The states as one would note them on paper. */
  private static final class Model {

    long now = 1_767_225_600_000L;
    Ring ring = Ring.of(Keyset.generate(), now);
    int minEncrypt = 1;
    final List<Integer> ids = new ArrayList<>(ring.material().keyIds());
    final Map<Integer, KeyState> states = new HashMap<>(Map.of(ids.get(0), KeyState.PRIMARY));
    final Map<Integer, Long> since = new HashMap<>(Map.of(ids.get(0), now));

    void take(Step step) {
      int id = ids.get(step.key % ids.size());
      KeyState state = states.get(id);
      boolean live = state == KeyState.PENDING || state == KeyState.DECRYPT_ONLY;
      switch (step.kind) {
        case 0 -> add();
        case 1 -> {
          if (apply(live && version(id) >= minEncrypt, old -> old.promoting(id, now))) {
            set(primary(), KeyState.DECRYPT_ONLY);
            set(id, KeyState.PRIMARY);
          }
        }
        case 2 -> {
          if (apply(live, old -> old.disabling(id, now))) {
            set(id, KeyState.DISABLED);
          }
        }
        case 3 -> {
          if (apply(state == KeyState.DISABLED, old -> old.enabling(id, now))) {
            set(id, KeyState.DECRYPT_ONLY);
          }
        }
        case 4 -> destroy(id, 0);
        case 5 -> destroy(id, 1);
        default -> {
          int minimum = version(id);
          boolean allowed = minimum <= version(primary());
          if (apply(allowed, old -> old.requiring(minimum, 1))) {
            minEncrypt = minimum;
          }
        }
      }
    }

    private void add() {
      if (apply(!states.containsValue(KeyState.PENDING), old -> old.withNewKey(now))) {
        int id = ring.pending().orElseThrow().id();
        assertThat(states).doesNotContainKey(id);
        ids.add(id);
        set(id, KeyState.PENDING);
      }
    }

    private void destroy(int id, long rows) {
      RowsPerKey count = new RowsPerKey(Map.of(id, rows), Instant.ofEpochMilli(now));
      boolean longEnough = now - since.getOrDefault(id, now) >= Duration.ofDays(30).toMillis();
      boolean allowed = states.get(id) == KeyState.DISABLED && longEnough && rows == 0;
      if (apply(allowed, old -> old.destroying(id, count, now))) {
        set(id, KeyState.DESTROYED);
      }
    }

    private boolean apply(boolean allowed, UnaryOperator<Ring> step) {
      try {
        Ring next = step.apply(ring);
        assertThat(allowed).as("a step that the model forbids").isTrue();
        ring = next;
        return true;
      } catch (KeysetException refused) {
        assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
        assertThat(allowed).as(refused.getMessage()).isFalse();
        return false;
      }
    }

    private void set(int id, KeyState state) {
      states.put(id, state);
      since.put(id, now);
    }

    private int version(int id) {
      return ids.indexOf(id) + 1;
    }

    private int primary() {
      return ids.stream()
          .filter(id -> states.get(id) == KeyState.PRIMARY)
          .findFirst()
          .orElseThrow();
    }

    void requireAgreement() {
      Ring copy = RingFormat.read("copy", RingFormat.write(ring));
      assertThat(copy.keys()).isEqualTo(ring.keys());
      assertThat(copy.minEncrypt()).isEqualTo(ring.minEncrypt()).isEqualTo(minEncrypt);
      Set<Integer> withMaterial = new HashSet<>();
      for (RingKey key : ring.keys()) {
        assertThat(key.version()).isEqualTo(version(key.id()));
        assertThat(key.state()).isEqualTo(states.get(key.id()));
        assertThat(key.since()).isEqualTo(since.get(key.id()));
        if (key.state() != KeyState.DESTROYED) {
          withMaterial.add(key.id());
        }
      }
      assertThat(Set.copyOf(copy.material().keyIds())).isEqualTo(withMaterial);
      assertThat(copy.material().primaryKeyId()).isEqualTo(primary());
    }
  }
}
