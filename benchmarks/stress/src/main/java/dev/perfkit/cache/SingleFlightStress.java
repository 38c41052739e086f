package dev.perfkit.cache;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Reads of a key that nobody has loaded, and its removal: one load, and none that comes back. */
public final class SingleFlightStress {

  /** For all states; each has a key of its own, which has room for as long as the state lives. */
  private static final TieredCache<Long, Integer> CACHE =
      TieredCache.<Long, Integer>named("stressed").memory(Memory.entries(1_000_000)).build();

  private static final AtomicLong KEYS = new AtomicLong();

  private SingleFlightStress() {}

  private static int orNothing(@Nullable Integer value) {
    return value == null ? 0 : value;
  }

  /** Two threads miss at the same time. */
  @JCStressTest
  @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "One load, whose value both have.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "A second load, or another one's value.")
  @State
  public static class TwoMisses {

    private final Long key = KEYS.incrementAndGet();
    private final AtomicInteger loads = new AtomicInteger();

    private int get() {
      return orNothing(CACHE.get(key, missing -> loads.incrementAndGet()));
    }

    /** Misses. */
    @Actor
    public void one(III_Result result) {
      result.r1 = get();
    }

    /** Misses too. */
    @Actor
    public void other(III_Result result) {
      result.r2 = get();
    }

    /** Counts the loads. */
    @Arbiter
    public void read(III_Result result) {
      result.r3 = loads.get();
      CACHE.remove(key);
    }
  }

  /** The source changes, and the key is removed, while it is loaded. */
  @JCStressTest
  @Outcome(id = "1, 2, 2", expect = Expect.ACCEPTABLE, desc = "The load was before the removal.")
  @Outcome(id = "2, 2, 2", expect = Expect.ACCEPTABLE, desc = "The load was after the change.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "A removed value is back.")
  @State
  public static class LoadAndRemoval {

    private final Source source = new Source();

    /** Loads. */
    @Actor
    public void reader(III_Result result) {
      result.r1 = source.get();
    }

    /** Changes the source, removes the key, and reads it. */
    @Actor
    public void writer(III_Result result) {
      source.truth = 2;
      CACHE.remove(source.key);
      result.r2 = source.get();
    }

    /** Reads what was kept. */
    @Arbiter
    public void read(III_Result result) {
      result.r3 = source.get();
      CACHE.remove(source.key);
    }
  }

  /** A value is put while the key is loaded. */
  @JCStressTest
  @Outcome(id = "1, 2, 2", expect = Expect.ACCEPTABLE, desc = "The load was before the put.")
  @Outcome(id = "2, 2, 2", expect = Expect.ACCEPTABLE, desc = "The read was after the put.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "A value that was replaced is back.")
  @State
  public static class LoadAndPut {

    private final Source source = new Source();

    /** Loads. */
    @Actor
    public void reader(III_Result result) {
      result.r1 = source.get();
    }

    /** Puts, and reads. */
    @Actor
    public void writer(III_Result result) {
      CACHE.put(source.key, 2);
      result.r2 = source.get();
    }

    /** Reads what was kept. */
    @Arbiter
    public void read(III_Result result) {
      result.r3 = source.get();
      CACHE.remove(source.key);
    }
  }

  /** The source changes, and a tag of the value is invalidated, while it is loaded. */
  @JCStressTest
  @Outcome(id = "1, 2, 2", expect = Expect.ACCEPTABLE, desc = "The load was before the change.")
  @Outcome(id = "2, 2, 2", expect = Expect.ACCEPTABLE, desc = "The load was after the change.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "An invalidated value is back.")
  @State
  public static class LoadAndTag {

    private final Source source = new Source();

    private int get() {
      return orNothing(
          CACHE.fetch(source.key, (key, older) -> Loaded.of(source.truth).tags(source.tag())));
    }

    /** Loads. */
    @Actor
    public void reader(III_Result result) {
      result.r1 = get();
    }

    /** Changes the source, invalidates the tag, and reads. */
    @Actor
    public void writer(III_Result result) {
      source.truth = 2;
      CACHE.invalidateTag(source.tag());
      result.r2 = get();
    }

    /** Reads what was kept. */
    @Arbiter
    public void read(III_Result result) {
      result.r3 = get();
      CACHE.remove(source.key);
    }
  }

  /** What is loaded: 1 before it is changed. */
  private static final class Source {

    private final Long key = KEYS.incrementAndGet();
    private volatile int truth = 1;

    int get() {
      return orNothing(CACHE.get(key, missing -> truth));
    }

    String tag() {
      return "tag " + key % 100;
    }
  }
}
