/** Tests of negotiation, decisions, codecs and transforms. */
@NullMarked
package dev.perfkit.compress;

import org.jspecify.annotations.NullMarked;
