/** Response compression for the JDK's own server, {@code com.sun.net.httpserver}. */
@NullMarked
package dev.perfkit.compress.httpserver;

import org.jspecify.annotations.NullMarked;
