/** Compression for servlets: a filter for any container of Jakarta Servlet 5.0 or newer. */
@NullMarked
package dev.perfkit.compress.servlet;

import org.jspecify.annotations.NullMarked;
