package dev.perfkit.testkit.jvm;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.FixtureHome;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * JVMs of their own for a test, to drive, kill and freeze: each runs a {@link JvmProgram} with the
 * class path of this one, and answers what it is asked.
 *
 * <p>Runs on Linux and macOS. What the programs print goes to files that {@link Jvm#report} reads.
 * {@link #close} ends all of them. If this JVM ends without it, however it does, they end by
 * themselves; frozen ones with the next fixture of the same user. It starts no threads. Safe for
 * use by several threads.
 */
@Beta
public final class JvmFixture implements AutoCloseable {

  /** How long a JVM may take to start unless said otherwise: 60 s. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(60);

  private final List<String> options;
  private final Duration startTimeout;
  private final List<Jvm> all = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  private JvmFixture(List<String> options, Duration startTimeout) {
    this.options = options;
    this.startTimeout = startTimeout;
  }

  /** Returns a fixture without a JVM. */
  public static JvmFixture create() {
    return builder().build();
  }

  /** Returns a builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts a program, and waits until it is ready.
   *
   * @param program its class, with a constructor without parameters
   * @param arguments what {@link JvmProgram#start} gets
   * @throws IllegalStateException if it does not start, or the fixture is closed
   */
  public Jvm start(Class<? extends JvmProgram> program, String... arguments) {
    if (closed) {
      throw new IllegalStateException("no JVM can be started: the fixture is closed");
    }
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    FixtureFolder folder = FixtureHome.open().create("jvm", java);
    List<String> ofProgram = new ArrayList<>(List.of(arguments));
    ofProgram.add(0, program.getName());
    Jvm jvm = new Jvm(folder, command(java), List.copyOf(ofProgram), startTimeout);
    all.add(jvm);
    boolean started = false;
    try {
      jvm.start();
      started = !closed;
    } finally {
      if (!started) {
        jvm.close();
      }
    }
    return jvm;
  }

  private List<String> command(Path java) {
    List<String> command = new ArrayList<>(List.of(java.toString()));
    command.addAll(options);
    command.add("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
    command.add("-cp");
    command.add(absoluteClassPath());
    return command;
  }

  /** The programs run in folders of their own. */
  private static String absoluteClassPath() {
    String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
    return Stream.of(entries)
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Kills all JVMs and deletes their files; further calls do nothing. */
  @Override
  public void close() {
    closed = true;
    all.forEach(Jvm::close);
  }

  /** Configures a {@link JvmFixture}. For one thread. */
  @Beta
  public static final class Builder {

    private List<String> options = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private Duration startTimeout = DEFAULT_START_TIMEOUT;

    private Builder() {}

    /**
     * Gives the JVMs such options; {@code -XX:+UseSerialGC} and {@code -XX:TieredStopAtLevel=1},
     * with which they start fast, by default.
     */
    public Builder options(String... options) {
      this.options = List.of(options);
      return this;
    }

    /**
     * Limits how long a JVM may take to start; {@link #DEFAULT_START_TIMEOUT} by default.
     *
     * @throws IllegalArgumentException if it is not over 0
     */
    public Builder startTimeout(Duration startTimeout) {
      this.startTimeout = Options.positive("startTimeout", startTimeout);
      return this;
    }

    /** Returns a fixture without a JVM. */
    public JvmFixture build() {
      return new JvmFixture(options, startTimeout);
    }
  }
}
