package dev.perfkit.benchmarks.crypto;

import org.openjdk.jmh.annotations.Threads;

/** {@link FieldWork} by eight threads, which share what can be shared. */
@Threads(8)
public class FieldThreadsBenchmark extends FieldWork {}
