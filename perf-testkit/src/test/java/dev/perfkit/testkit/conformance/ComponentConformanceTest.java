package dev.perfkit.testkit.conformance;

import static dev.perfkit.testkit.conformance.KitRun.assertCaught;

import dev.perfkit.spi.Component;
import dev.perfkit.spi.Components;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Proves that a group of components and a component with a thread conform, and that the kit catches
 * the mistakes a component is likely to have.
 */
class ComponentConformanceTest {

  @Nested
  class Group extends ComponentConformance {

    Group() {
      super(Capability.HEALTHY_WHEN_FRESH, Capability.HAS_KNOBS);
    }

    @Override
    protected Component create() {
      Components group = Components.named("app");
      group.add(new Worker());
      return group;
    }

    @Override
    protected void use(Component component) {
      ((Worker) ((Components) component).all().get(0)).work();
    }
  }

  @Nested
  class WithThread extends OfWorker {

    @Override
    protected Component create() {
      return new Worker();
    }
  }

  @Test
  void kit_healthAfterCloseIsUp_fails() {
    assertCaught(AlwaysUp.class, "health_afterClose_isDownWithAReason");
    assertCaught(AlwaysUp.class, "close_again_doesNothing");
  }

  @Test
  void kit_secondCloseThrows_fails() {
    assertCaught(ClosesOnce.class, "close_again_doesNothing");
    assertCaught(ClosesOnce.class, "close_byManyThreads_endsInTime");
  }

  @Test
  void kit_closeThatHangs_fails() {
    assertCaught(ClosesSlowly.class, "close_byManyThreads_endsInTime");
  }

  @Test
  void kit_healthThatWaits_fails() {
    assertCaught(SlowHealth.class, "health_askedOften_doesNotBlock");
  }

  @Test
  void kit_healthFailsWhenClosed_fails() {
    assertCaught(HealthFailsWhenClosed.class, "health_afterClose_isDownWithAReason");
    assertCaught(HealthFailsWhenClosed.class, "health_askedWhileClosing_neverFails");
  }

  @Test
  void kit_nameThatChanges_fails() {
    assertCaught(ChangesName.class, "identity_always_staysTheSame");
  }

  @Test
  void kit_threadLeftBehind_fails() {
    assertCaught(LeavesThread.class, "threads_afterClose_haveEnded");
  }

  @Test
  void kit_threadThatKeepsTheJvmAlive_fails() {
    assertCaught(KeepsJvmAlive.class, "threads_whileOpen_areDaemonsWithAName");
  }

  @Test
  void kit_knobsMadeEachTimeAndModifiable_fails() {
    assertCaught(LooseKnobs.class, "knobs_always_areTheSameUnmodifiableList");
  }

  @Test
  void kit_knobWithoutEffect_fails() {
    assertCaught(DeadKnob.class, "knobs_setToTheirEnds_areInForceAtOnce");
  }

  @Test
  void kit_sickWhenFresh_fails() {
    assertCaught(SickWhenFresh.class, "health_fresh_isKnownOrSaysWhyNot");
  }

  /** A kit for workers, which make their thread on first use. */
  abstract static class OfWorker extends ComponentConformance {

    OfWorker() {
      super(Capability.HEALTHY_WHEN_FRESH, Capability.HAS_KNOBS);
    }

    @Override
    protected void use(Component component) {
      ((Worker) component).work();
    }
  }

  /** A sound component; each subclass makes one mistake. */
  private static class Worker implements Component {

    private final ScheduledExecutorService executor =
        WorkerThreads.scheduler("conformance", "worker", 1);
    private final AtomicInteger speed = new AtomicInteger(3);
    private final List<Knob> knobs =
        List.of(Knob.of("speed", "", 1, 5, 1, speed::doubleValue, this::speed));
    private volatile boolean closed;

    void speed(double value) {
      speed.set((int) value);
    }

    void work() {
      executor.execute(() -> {});
    }

    boolean isClosed() {
      return closed;
    }

    @Override
    public String kind() {
      return "worker";
    }

    @Override
    public String name() {
      return "w1";
    }

    @Override
    public Health health() {
      return closed ? Health.of(Health.Status.DOWN, "closed") : Health.up();
    }

    @Override
    public List<Knob> knobs() {
      return knobs;
    }

    @Override
    public void close() {
      closed = true;
      stop();
    }

    void stop() {
      WorkerThreads.stop(executor, Duration.ofSeconds(2));
    }
  }

  static class AlwaysUp extends OfWorker {
    @Override
    protected Component create() {
      return new Worker() {
        @Override
        public Health health() {
          return Health.up();
        }
      };
    }
  }

  static class ClosesOnce extends OfWorker {
    @Override
    protected Component create() {
      return new Worker() {
        @Override
        public void close() {
          if (isClosed()) {
            throw new IllegalStateException("closed already");
          }
          super.close();
        }
      };
    }
  }

  static class ClosesSlowly extends OfWorker {
    @Override
    protected Component create() {
      return new Worker() {
        @Override
        public void close() {
          LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
          super.close();
        }
      };
    }

    @Override
    protected Duration closesWithin() {
      return Duration.ofMillis(20);
    }
  }

  static class SlowHealth extends OfWorker {
    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }

    @Override
    protected Component create() {
      return new Worker() {
        @Override
        public Health health() {
          LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
          return super.health();
        }
      };
    }
  }

  static class HealthFailsWhenClosed extends OfWorker {
    @Override
    protected Component create() {
      return new Worker() {
        @Override
        public Health health() {
          if (isClosed()) {
            throw new IllegalStateException("closed");
          }
          return super.health();
        }
      };
    }
  }

  static class ChangesName extends OfWorker {
    @Override
    protected Component create() {
      return new Worker() {
        @Override
        public String name() {
          return isClosed() ? "closed" : "open";
        }
      };
    }
  }

  static class LeavesThread extends OfWorker {
    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }

    @Override
    protected Component create() {
      return new Worker() {
        @Override
        void stop() {}
      };
    }
  }

  static class KeepsJvmAlive extends OfWorker {
    @Override
    protected Component create() {
      return new Worker() {

        private final Thread thread =
            new Thread(
                () -> LockSupport.parkNanos(Duration.ofSeconds(2).toNanos()), "perf-worker-x");

        @Override
        void work() {
          thread.start();
        }
      };
    }
  }

  static class LooseKnobs extends OfWorker {
    @Override
    protected Component create() {
      return new Worker() {
        @Override
        public List<Knob> knobs() {
          return new ArrayList<>(super.knobs());
        }
      };
    }
  }

  static class DeadKnob extends OfWorker {
    @Override
    protected Component create() {
      return new Worker() {
        @Override
        void speed(double value) {}
      };
    }
  }

  static class SickWhenFresh extends OfWorker {
    @Override
    protected Component create() {
      return new Worker() {
        @Override
        public Health health() {
          return Health.of(Health.Status.DEGRADED, isClosed() ? "closed" : "not started");
        }
      };
    }
  }
}
