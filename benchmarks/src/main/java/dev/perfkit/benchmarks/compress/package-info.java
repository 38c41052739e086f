/** Response compression against the raw codecs, and negotiation against Jetty's parser. */
@NullMarked
package dev.perfkit.benchmarks.compress;

import org.jspecify.annotations.NullMarked;
