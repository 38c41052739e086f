package dev.perfkit.cache;

import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Telemetry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a cache is made of. */
record Parts<K, V>(
    String name,
    MemoryTier<K, V> memory,
    Remote<K, V> remote,
    Reads<K, V> reads,
    BulkReads<K, V> bulk,
    Writes<K, V> writes,
    @Nullable SourceOfTruth<K, V> source,
    Tallies tallies,
    Copies<V> copies,
    List<Knob> knobs,
    Loads<K, V> loads,
    Background background,
    Inspections<K, V> inspections,
    List<Telemetry.Registration> gauges,
    Runnable stopThreads) {}
