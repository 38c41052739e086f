/** Tests of compression for servlets. */
@NullMarked
package dev.perfkit.compress.servlet;

import org.jspecify.annotations.NullMarked;
