/**
 * Logs in the form of HdrHistogram ({@code org.hdrhistogram:HdrHistogram}, which the host brings),
 * for the tools that read them.
 */
@NullMarked
package dev.perfkit.sla.hdr;

import org.jspecify.annotations.NullMarked;
