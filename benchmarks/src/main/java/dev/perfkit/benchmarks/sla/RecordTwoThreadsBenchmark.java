package dev.perfkit.benchmarks.sla;

import org.openjdk.jmh.annotations.Threads;

/** The same by two threads at once, to one service. */
@Threads(2)
public class RecordTwoThreadsBenchmark extends RecordBenchmark {}
