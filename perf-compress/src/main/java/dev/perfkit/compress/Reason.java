package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.util.Locale;

/** Why a response is encoded, or why it is not. More may be added. */
@Beta
public enum Reason {
  /** It is encoded. */
  ENCODED,
  /** The status has no content: 1xx, 204, 205 or 304. */
  STATUS,
  /** There is no body. */
  NO_BODY,
  /** It is a part of a body: 206, or {@code Content-Range} is present. */
  PARTIAL,
  /** The application set {@code Content-Encoding}. */
  ALREADY_ENCODED,
  /** {@code Cache-Control: no-transform}. */
  NO_TRANSFORM,
  /** The content type is unknown, or one that does not shrink. */
  CONTENT_TYPE,
  /** The policy of the route is off. */
  OFF,
  /** The route is marked secret; 406 if the client forbids identity. */
  SECRET,
  /** The client accepts none of the offered codings; it gets identity. */
  NOT_ACCEPTED,
  /** The client weighs identity higher than every offered coding. */
  IDENTITY_PREFERRED,
  /** The request is for a range, which is one of the identity body. */
  RANGE,
  /** The client accepts nothing that is offered, not even identity; it gets 406. */
  NOT_ACCEPTABLE,
  /** The client holds the current body: it gets 304. */
  NOT_MODIFIED,
  /** The body is under the minimum size. */
  TOO_SMALL,
  /** The server did not have the whole body at hand: it is too large, or is sent as it comes. */
  NOT_WHOLE,
  /** As many bodies are sent as they come as may be; this one goes out as identity. */
  TOO_MANY_STREAMS,
  /** The budget of CPU time is used up for now. */
  CPU_BUDGET,
  /** The encoded body would not be smaller. */
  NOT_SMALLER,
  /** The codec failed; the response goes out as identity. */
  FAILED;

  /** Returns the name in metrics, such as {@code too_small}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
