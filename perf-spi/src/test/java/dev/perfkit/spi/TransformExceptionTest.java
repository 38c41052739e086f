package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.perfkit.spi.TransformException.Reason;
import org.junit.jupiter.api.Test;

/** Proves that the reason, the message and the cause are kept. */
class TransformExceptionTest {

  @Test
  void parts_ofAnException_areKept() {
    Exception cause = new Exception("cause");
    TransformException failure = new TransformException(Reason.DAMAGED, "message", cause);
    assertThat(failure).hasMessage("message").hasCause(cause);
    assertThat(failure.reason()).isEqualTo(Reason.DAMAGED);
    assertThat(new TransformException(Reason.TOO_LARGE, "m")).hasNoCause();
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void reason_null_isRefused() {
    assertThatNullPointerException().isThrownBy(() -> new TransformException(null, "m"));
  }
}
