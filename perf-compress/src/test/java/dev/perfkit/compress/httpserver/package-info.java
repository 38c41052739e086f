/** Tests of the adapter to the JDK's server. */
@NullMarked
package dev.perfkit.compress.httpserver;

import org.jspecify.annotations.NullMarked;
