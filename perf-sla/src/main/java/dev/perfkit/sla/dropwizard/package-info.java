/**
 * The bridge to Dropwizard Metrics ({@code io.dropwizard.metrics:metrics-core}, which the host
 * brings): its timers backed by a service of a monitor, the metrics of a registry reported to a
 * monitor, and the services of a monitor published in a registry.
 */
@NullMarked
package dev.perfkit.sla.dropwizard;

import org.jspecify.annotations.NullMarked;
