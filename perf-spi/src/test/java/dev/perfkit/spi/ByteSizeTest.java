package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** Proves units, limits and the printed form of byte sizes. */
class ByteSizeTest {

  @Test
  void of_eachUnit_isThatManyBytes() {
    assertThat(ByteSize.ofBytes(7).toBytes()).isEqualTo(7);
    assertThat(ByteSize.ofKibibytes(7).toBytes()).isEqualTo(7_168);
    assertThat(ByteSize.ofMebibytes(7).toBytes()).isEqualTo(7_340_032);
    assertThat(ByteSize.ofGibibytes(7).toBytes()).isEqualTo(7_516_192_768L);
    assertThat(ByteSize.ofKibibytes(1)).isEqualTo(ByteSize.ofBytes(1_024));
  }

  @Test
  void of_negative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.ofBytes(-1))
        .withMessage("byte size must be at least 0 but was -1");
    assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.ofMebibytes(-1));
  }

  @Test
  void of_tooLarge_isRefused() {
    ByteSize.ofBytes(Long.MAX_VALUE);
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> ByteSize.ofKibibytes(1L << 53));
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> ByteSize.ofMebibytes(1L << 43));
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> ByteSize.ofGibibytes(1L << 33));
  }

  @Test
  void toIntBytes_overTheRange_isRefused() {
    assertThat(ByteSize.ofBytes(Integer.MAX_VALUE).toIntBytes()).isEqualTo(Integer.MAX_VALUE);
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> ByteSize.ofGibibytes(2).toIntBytes());
  }

  @Test
  void toString_anyAmount_usesTheLargestUnitThatDividesIt() {
    assertThat(ByteSize.ofBytes(0)).hasToString("0 B");
    assertThat(ByteSize.ofBytes(1_023)).hasToString("1023 B");
    assertThat(ByteSize.ofBytes(1_536)).hasToString("1536 B");
    assertThat(ByteSize.ofKibibytes(64)).hasToString("64 KiB");
    assertThat(ByteSize.ofMebibytes(1_024)).hasToString("1 GiB");
    assertThat(ByteSize.ofGibibytes(2_048)).hasToString("2048 GiB");
  }

  @Test
  void compareTo_anotherSize_isByAmount() {
    assertThat(ByteSize.ofKibibytes(1)).isLessThan(ByteSize.ofMebibytes(1));
    assertThat(ByteSize.ofBytes(1_024)).isEqualByComparingTo(ByteSize.ofKibibytes(1));
  }
}
