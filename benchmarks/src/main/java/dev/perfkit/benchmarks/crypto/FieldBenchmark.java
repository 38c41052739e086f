package dev.perfkit.benchmarks.crypto;

import org.openjdk.jmh.annotations.Threads;

/**
 * {@link FieldWork} by one thread.
 *
 * <p>Run with {@code java -jar benchmarks/target/benchmarks.jar crypto.Field}, which also runs
 * {@link FieldThreadsBenchmark}; {@code -p size=1024,16384} for other sizes.
 */
@Threads(1)
public class FieldBenchmark extends FieldWork {}
