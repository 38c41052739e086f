package dev.perfkit.testkit.conformance;

import static dev.perfkit.spi.TransformException.Reason.DAMAGED;
import static dev.perfkit.spi.TransformException.Reason.TOO_LARGE;
import static dev.perfkit.testkit.conformance.KitRun.assertCaught;

import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.TransformException;
import dev.perfkit.testkit.conformance.Transforms.AesGcm;
import dev.perfkit.testkit.conformance.Transforms.Zlib;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Proves that a sound compression and a sound encryption conform, and that the kit catches the
 * mistakes a transform is likely to have.
 */
class ByteTransformConformanceTest {

  @Nested
  class Compression extends ByteTransformConformance {

    @Override
    protected ByteTransform create() {
      return new Zlib();
    }
  }

  @Nested
  class Encryption extends OfEncryption {

    @Override
    protected ByteTransform create() {
      return new AesGcm();
    }
  }

  @Test
  void kit_idOutOfRange_fails() {
    assertCaught(NoId.class, "id_always_isOneStableByte");
  }

  @Test
  void kit_neverWorthIt_fails() {
    assertCaught(NeverWorthIt.class, "encode_anyPayload_isWorthItOrMayBeLeftOut");
  }

  @Test
  void kit_requiredButLeftOut_fails() {
    assertCaught(RequiredButLeftOut.class, "encode_anyPayload_isWorthItOrMayBeLeftOut");
  }

  @Test
  void kit_limitIgnored_fails() {
    assertCaught(NoLimit.class, "decode_resultOverTheLimit_isTooLarge");
    assertCaught(NoLimit.class, "decode_resultFarOverTheLimit_takesNoMemoryForIt");
  }

  @Test
  void kit_limitOffByOne_fails() {
    assertCaught(LimitOffByOne.class, "decode_resultAtTheLimit_isGivenBack");
  }

  @Test
  void kit_limitCheckedAfterwards_fails() {
    assertCaught(LimitAfterwards.class, "decode_resultFarOverTheLimit_takesNoMemoryForIt");
  }

  @Test
  void kit_rangeIgnored_fails() {
    assertCaught(WholeArray.class, "decode_insideALargerArray_readsOnlyItsRange");
    assertCaught(WholeArray.class, "decode_rangeOutsideTheInput_isRefused");
  }

  @Test
  void kit_damageBecomesAnotherFailure_fails() {
    assertCaught(RawFailures.class, "decode_changedByte_isDamagedOrHarmless");
    assertCaught(RawFailures.class, "decode_cutShort_isDamagedOrHarmless");
    assertCaught(RawFailures.class, "decode_somethingElse_isDamagedOrHarmless");
  }

  @Test
  void kit_endIgnored_fails() {
    assertCaught(IgnoresTail.class, "decode_bytesAdded_isDamagedOrHarmless");
  }

  @Test
  void kit_damageUnnoticed_fails() {
    assertCaught(NoticesNothing.class, "decode_changedByte_isDamagedOrHarmless");
    assertCaught(NoticesNothing.class, "decode_otherContext_isDamaged");
  }

  @Test
  void kit_contextIgnored_fails() {
    assertCaught(IgnoresContext.class, "decode_otherContext_isDamaged");
  }

  @Test
  void kit_inputChangedInPlace_fails() {
    assertCaught(InPlace.class, "inputs_always_areLeftUnchangedAndNotHandedOut");
  }

  @Test
  void kit_payloadInTheMessage_fails() {
    assertCaught(Talkative.class, "failure_always_keepsThePayloadToItself");
  }

  @Test
  void kit_bufferSharedByThreads_fails() {
    assertCaught(SharedBuffer.class, "transform_manyThreads_giveBackTheirOwn");
  }

  @Test
  void kit_longPayloadCut_fails() {
    assertCaught(CutsLong.class, "decode_encodedPayload_givesItBack");
  }

  abstract static class OfEncryption extends ByteTransformConformance {

    OfEncryption() {
      super(Capability.DETECTS_DAMAGE, Capability.BINDS_CONTEXT);
    }
  }

  /** Adds one to every byte: the simplest reversible transform. */
  private static class PlusOne implements ByteTransform {

    @Override
    public int id() {
      return 200;
    }

    @Override
    public boolean required() {
      return false;
    }

    @Override
    public byte @Nullable [] encode(byte[] input, byte[] context) {
      byte[] output = input.clone();
      add(output, 1);
      return output;
    }

    @Override
    public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
      if (length > maxLength) {
        throw new TransformException(TOO_LARGE, "too large");
      }
      byte[] output = Arrays.copyOfRange(input, offset, offset + length);
      add(output, -1);
      return output;
    }

    static void add(byte[] bytes, int amount) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] += (byte) amount;
      }
    }
  }

  static class NoId extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new Zlib() {
        @Override
        public int id() {
          return 0;
        }
      };
    }
  }

  static class NeverWorthIt extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new Zlib() {
        @Override
        public byte @Nullable [] encode(byte[] input, byte[] context) {
          return null;
        }
      };
    }
  }

  static class RequiredButLeftOut extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new AesGcm() {
        @Override
        public byte @Nullable [] encode(byte[] input, byte[] context) {
          return input.length < 16 ? null : super.encode(input, context);
        }
      };
    }
  }

  static class NoLimit extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new Zlib() {
        @Override
        public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
          return super.decode(input, offset, length, context, Integer.MAX_VALUE);
        }
      };
    }
  }

  static class LimitOffByOne extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new Zlib() {
        @Override
        public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
          return super.decode(input, offset, length, context, maxLength - 1);
        }
      };
    }
  }

  static class LimitAfterwards extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new Zlib() {
        @Override
        public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
          byte[] output = super.decode(input, offset, length, context, Integer.MAX_VALUE);
          if (output.length > maxLength) {
            throw new TransformException(TOO_LARGE, "too large");
          }
          return output;
        }
      };
    }
  }

  static class WholeArray extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new Zlib() {
        @Override
        public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
          return super.decode(input, 0, input.length, context, maxLength);
        }
      };
    }
  }

  static class RawFailures extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new Zlib() {
        @Override
        public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
          try {
            return super.decode(input, offset, length, context, maxLength);
          } catch (TransformException damaged) {
            throw damaged.reason() == DAMAGED ? new IllegalStateException("damaged") : damaged;
          }
        }
      };
    }
  }

  static class IgnoresTail extends OfEncryption {
    @Override
    protected ByteTransform create() {
      return new AesGcm() {

        private volatile int encoded;

        @Override
        public byte @Nullable [] encode(byte[] input, byte[] context) {
          byte[] output = super.encode(input, context);
          encoded = output == null ? 0 : output.length;
          return output;
        }

        @Override
        public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
          return super.decode(input, offset, Math.min(length, encoded), context, maxLength);
        }
      };
    }
  }

  static class NoticesNothing extends OfEncryption {
    @Override
    protected ByteTransform create() {
      return new PlusOne();
    }
  }

  static class IgnoresContext extends OfEncryption {
    @Override
    protected ByteTransform create() {
      return new AesGcm() {
        @Override
        byte[] associatedData(byte[] context) {
          return new byte[0];
        }
      };
    }
  }

  static class InPlace extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new PlusOne() {
        @Override
        public byte @Nullable [] encode(byte[] input, byte[] context) {
          add(input, 1);
          return input;
        }
      };
    }
  }

  static class Talkative extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new Zlib() {
        @Override
        public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
          try {
            return super.decode(input, offset, length, context, maxLength);
          } catch (TransformException damaged) {
            String payload = new String(input, offset, length, StandardCharsets.ISO_8859_1);
            throw new TransformException(damaged.reason(), "cannot decode " + payload, damaged);
          }
        }
      };
    }
  }

  static class SharedBuffer extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new PlusOne() {

        private final byte[] buffer = new byte[64 << 20];

        @Override
        public byte @Nullable [] encode(byte[] input, byte[] context) {
          for (int i = 0; i < input.length; i++) {
            buffer[i] = (byte) (input[i] + 1);
          }
          LockSupport.parkNanos(1);
          return Arrays.copyOf(buffer, input.length);
        }
      };
    }
  }

  static class CutsLong extends ByteTransformConformance {
    @Override
    protected ByteTransform create() {
      return new PlusOne() {
        @Override
        public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
          return super.decode(input, offset, Math.min(length, 255), context, maxLength);
        }
      };
    }
  }
}
