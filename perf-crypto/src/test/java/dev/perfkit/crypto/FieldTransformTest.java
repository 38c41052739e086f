package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.KeyStatus;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.TransformException;
import dev.perfkit.spi.TransformException.Reason;
import dev.perfkit.testkit.conformance.ByteTransformConformance;
import java.security.GeneralSecurityException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Proves that the transform keeps the contract, and keeps payloads and fields apart. */
class FieldTransformTest extends ByteTransformConformance {

  private static final byte[] CONTEXT = {1, 2, 3};

  private final Keyset keyset = Keyset.generate();

  FieldTransformTest() {
    super(Capability.DETECTS_DAMAGE, Capability.BINDS_CONTEXT);
  }

  @Override
  protected ByteTransform create() {
    return Fixtures.cipher(keyset).transform();
  }

  @Test
  void identity_always_isRequiredEncryption() {
    assertThat(create().id()).isEqualTo(64);
    assertThat(create().required()).isTrue();
  }

  @Test
  void decode_unusableKey_isUnavailable() throws GeneralSecurityException {
    byte[] encoded = encode(create(), new byte[9]);
    ByteTransform other = Fixtures.cipher(Keyset.generate()).transform();
    assertReason(
        Reason.KEY_UNAVAILABLE, () -> other.decode(encoded, 0, encoded.length, CONTEXT, 99));
    Keyset rotated = keyset.withNewKey();
    Keyset disabled =
        Fixtures.withStatus(
            rotated.withPrimary(rotated.keyIds().get(1)),
            keyset.primaryKeyId(),
            KeyStatus.DISABLED);
    ByteTransform without = Fixtures.cipher(disabled).transform();
    assertReason(
        Reason.KEY_UNAVAILABLE, () -> without.decode(encoded, 0, encoded.length, CONTEXT, 99));
  }

  @Test
  void decode_fieldOrOfAField_isDamaged() {
    FieldCipher cipher = Fixtures.cipher(keyset);
    byte[] field = cipher.encrypt("x", Fixtures.WHERE);
    byte[] location = Fixtures.WHERE.toAssociatedData();
    assertReason(
        Reason.DAMAGED, () -> cipher.transform().decode(field, 0, field.length, location, 99));
    byte[] payload = encode(cipher.transform(), new byte[1]);
    assertThatThrownBy(() -> cipher.decrypt(payload, Fixtures.WHERE))
        .isInstanceOf(DecryptException.class);
  }

  @Test
  void closed_always_isUnavailable() {
    FieldCipher cipher = Fixtures.cipher(keyset);
    ByteTransform transform = cipher.transform();
    byte[] encoded = encode(transform, new byte[1]);
    cipher.close();
    assertReason(Reason.KEY_UNAVAILABLE, () -> transform.encode(new byte[1], CONTEXT));
    assertReason(
        Reason.KEY_UNAVAILABLE, () -> transform.decode(encoded, 0, encoded.length, CONTEXT, 99));
  }

  @Test
  void encode_withoutRandomness_isUnavailable() {
    FieldCipher cipher =
        FieldCipher.named("pii").keyset(keyset).randoms(() -> new Randoms(target -> {})).build();
    assertReason(Reason.KEY_UNAVAILABLE, () -> cipher.transform().encode(new byte[1], CONTEXT));
  }

  @Test
  void context_overItsLimit_isTooLarge() {
    ByteTransform transform = create();
    byte[] longest = new byte[CipherContext.MAX_LOCATION_BYTES];
    assertThat(transform.encode(new byte[1], longest)).isNotNull();
    byte[] longer = new byte[longest.length + 1];
    assertReason(Reason.TOO_LARGE, () -> transform.encode(new byte[1], longer));
    assertReason(Reason.TOO_LARGE, () -> transform.decode(new byte[99], 0, 99, longer, 99));
  }

  private static byte[] encode(ByteTransform transform, byte[] payload) {
    byte[] encoded = transform.encode(payload, CONTEXT);
    assertThat(encoded).isNotNull();
    return encoded == null ? new byte[0] : encoded;
  }

  private static void assertReason(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TransformException.class, failure -> assertThat(failure.reason()).isEqualTo(reason));
  }
}
