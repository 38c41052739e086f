/**
 * Smaller responses and payloads: {@link dev.perfkit.compress.ResponseCompressor} for HTTP
 * responses of any server, {@link dev.perfkit.compress.CompressionTransform} for cache values, both
 * over the same codecs.
 *
 * <p>The HTTP side decides by a pure function of the request's and the response's head, following
 * RFC 9110 and RFC 9111; nothing here knows a server.
 */
@NullMarked
package dev.perfkit.compress;

import org.jspecify.annotations.NullMarked;
