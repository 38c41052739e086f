package dev.perfkit.sla;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** The end of a running request races with the ticker: it is counted once, whoever comes first. */
public final class InFlightStress {

  private static final ThreadLocal<Workspace> SCRATCH = ThreadLocal.withInitial(Workspace::new);
  private static final long THRESHOLD = 1 << 20;
  private static final long EXPIRY = 1 << 30;
  private static final Layout LAYOUT = Layout.withThresholds(List.of(THRESHOLD));

  private InFlightStress() {}

  /** A request passes its threshold while it ends. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "One request, once over the threshold.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "It is lost, or counted twice.")
  @State
  public static class Crossing {

    private final Running running = new Running();

    /** Finds it past its threshold. */
    @Actor
    public void ticker() {
      running.inFlight.tick(THRESHOLD + 1);
    }

    /** Ends it. */
    @Actor
    public void caller() {
      running.end(THRESHOLD + 1);
    }

    /** Reads what is kept. */
    @Arbiter
    public void read(JJ_Result result) {
      Reading all = running.read();
      result.r1 = all.count();
      result.r2 = all.over(THRESHOLD);
    }
  }

  /** A request ends while it expires: who is late is ignored. */
  @JCStressTest
  @Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "It ended in time.")
  @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "It expired, and its end is ignored.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "It is lost, or counted twice.")
  @State
  public static class Expiry {

    private final Running running = new Running();

    /** Gives it up. */
    @Actor
    public void ticker() {
      running.inFlight.tick(EXPIRY + 1);
    }

    /** Ends it. */
    @Actor
    public void caller() {
      running.end(EXPIRY + 1);
    }

    /** Reads what is kept. */
    @Arbiter
    public void read(JJJ_Result result) {
      Reading all = running.read();
      result.r1 = all.count();
      result.r2 = all.errors();
      result.r3 = running.ignored.get();
    }
  }

  /** A request is ended by two threads. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "One end counts, the other is ignored.")
  @Outcome(expect = Expect.FORBIDDEN, desc = "It is lost, or counted twice.")
  @State
  public static class TwoEnds {

    private final Running running = new Running();

    /** Ends it. */
    @Actor
    public void one() {
      running.end(5);
    }

    /** Ends it too. */
    @Actor
    public void other() {
      running.end(6);
    }

    /** Reads what is kept. */
    @Arbiter
    public void read(JJ_Result result) {
      result.r1 = running.read().count();
      result.r2 = running.ignored.get();
    }
  }

  /** A recorder with one request that began at 0. */
  private static final class Running {

    private final AtomicLong ignored = new AtomicLong();
    private final Recorder recorder = new Recorder(LAYOUT, false, amount -> {}, 0);
    private final InFlight inFlight =
        new InFlight(LAYOUT, recorder.cells(), EXPIRY, ignored::addAndGet);
    private final long started = inFlight.start(0);

    void end(long now) {
      inFlight.end(started, now, dev.perfkit.sla.Outcome.SUCCESS);
    }

    Reading read() {
      return recorder.readAll(History.TICK, SCRATCH.get());
    }
  }
}
