/** perf-sla against LongAdder, HdrHistogram's Recorder and Dropwizard's Timer. */
@NullMarked
package dev.perfkit.benchmarks.sla;

import org.jspecify.annotations.NullMarked;
