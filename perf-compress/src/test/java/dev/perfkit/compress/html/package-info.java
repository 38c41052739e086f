/** Tests of minifying HTML. */
@NullMarked
package dev.perfkit.compress.html;

import org.jspecify.annotations.NullMarked;
