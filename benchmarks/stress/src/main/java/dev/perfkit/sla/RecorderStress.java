package dev.perfkit.sla;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.J_Result;

/** Writers race with the sealing of slots: each request is in one slot, none in two. */
public final class RecorderStress {

  private static final ThreadLocal<Workspace> SCRATCH = ThreadLocal.withInitial(Workspace::new);
  private static final Layout LAYOUT = Layout.withThresholds(List.of());
  private static final long MONTH = Window.LONGEST.toNanos();
  private static final long NANOS = 1_000;

  private RecorderStress() {}

  private static Recorder recorder() {
    return new Recorder(LAYOUT, false, amount -> {}, 0);
  }

  private static void record(Recorder recorder) {
    recorder.cells().record(NANOS, dev.perfkit.sla.Outcome.SUCCESS);
  }

  private static void tick(Recorder recorder, int number) {
    recorder.tick(number * History.TICK, SCRATCH.get());
  }

  private static long total(Recorder recorder) {
    return recorder.readAll(MONTH, SCRATCH.get()).count();
  }

  private static long window(Recorder recorder, long nanos, int now) {
    return recorder.read(nanos, now * History.TICK, SCRATCH.get()).count();
  }

  /** Two writes of the same bucket and two ticks: the window and the total have both requests. */
  @JCStressTest
  @Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "Both are in the window and the total.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "A request is lost, or counted twice.")
  @State
  public static class Sealing {

    private final Recorder recorder = recorder();

    /** Records twice. */
    @Actor
    public void writer() {
      record(recorder);
      record(recorder);
    }

    /** Closes two slots. */
    @Actor
    public void ticker() {
      tick(recorder, 1);
      tick(recorder, 2);
    }

    /** Reads what is kept. */
    @Arbiter
    public void read(JJ_Result result) {
      tick(recorder, 3);
      result.r1 = window(recorder, MONTH, 3);
      result.r2 = total(recorder);
    }
  }

  /** Two writers of the same bucket of the same stripe. */
  @JCStressTest
  @Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "Both are in the window and the total.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "A request is lost, or counted twice.")
  @State
  public static class TwoWriters {

    private final Recorder recorder = recorder();

    /** Records. */
    @Actor
    public void one() {
      record(recorder);
    }

    /** Records. */
    @Actor
    public void other() {
      record(recorder);
    }

    /** Reads what is kept. */
    @Arbiter
    public void read(JJ_Result result) {
      tick(recorder, 3);
      result.r1 = window(recorder, MONTH, 3);
      result.r2 = total(recorder);
    }
  }

  /** A write that is late for a slot is in the next one. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "It was in time for the first slot.")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "It was late, and is in the second.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "It is in neither, or in both.")
  @State
  public static class LateWrite {

    private final Recorder recorder = recorder();

    /** Records. */
    @Actor
    public void writer() {
      record(recorder);
    }

    /** Closes the first slot. */
    @Actor
    public void ticker() {
      tick(recorder, 1);
    }

    /** Closes the second slot and reads both. */
    @Arbiter
    public void read(JJ_Result result) {
      tick(recorder, 2);
      result.r2 = window(recorder, History.TICK, 2);
      result.r1 = window(recorder, MONTH, 2) - result.r2;
    }
  }

  /** A window that is read while a request is recorded has it or not; a later one has it once. */
  @JCStressTest
  @Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "It came after both readings.")
  @Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "It came between them.")
  @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "It came before both.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "A window forgets it, or it is lost or counted twice.")
  @State
  public static class Reads {

    private final Recorder recorder = recorder();

    /** Records. */
    @Actor
    public void writer() {
      record(recorder);
    }

    /** Reads, closes a slot and reads again. */
    @Actor
    public void reader(JJJ_Result result) {
      result.r1 = window(recorder, MONTH, 0);
      tick(recorder, 1);
      result.r2 = window(recorder, MONTH, 1);
    }

    /** Reads what is kept. */
    @Arbiter
    public void read(JJJ_Result result) {
      tick(recorder, 2);
      result.r3 = window(recorder, MONTH, 2);
    }
  }

  /** Stripes are added under a writer that holds the shorter array. */
  @JCStressTest
  @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Both are counted.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "A request is lost, or counted twice.")
  @State
  public static class Growth {

    private final Recorder recorder = recorder();

    /** Records twice. */
    @Actor
    public void writer() {
      record(recorder);
      record(recorder);
    }

    /** Adds stripes and closes a slot. */
    @Actor
    public void ticker() {
      recorder.cells().grow();
      tick(recorder, 1);
    }

    /** Reads what is kept. */
    @Arbiter
    public void read(J_Result result) {
      recorder.cells().grow();
      tick(recorder, 2);
      result.r1 = window(recorder, MONTH, 2);
    }
  }
}
