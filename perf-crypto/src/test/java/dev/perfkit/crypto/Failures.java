package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a failure to decrypt must be. */
final class Failures {

  private Failures() {}

  static DecryptException assertReason(DecryptException.Reason reason, ThrowingCallable call) {
    DecryptException failure = catchThrowableOfType(DecryptException.class, call);
    assertThat(failure).as("nothing was thrown").isNotNull();
    assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
    assertThat(failure).hasNoCause();
    assertThat(failure.getMessage()).doesNotContain("Zebra");
    return failure;
  }
}
