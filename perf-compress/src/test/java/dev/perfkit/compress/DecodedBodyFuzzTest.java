package dev.perfkit.compress;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.TransformException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Proves that whatever bytes claim to be encoded are decoded within the limits or refused, and that
 * no decoder fails in another way. Runs its seeds in every build; searches when {@code
 * JAZZER_FUZZ=1}.
 */
class DecodedBodyFuzzTest {

  private static final int LIMIT = 1 << 20;
  private static final RequestDecoder DECODER =
      RequestDecoder.builder().maximumSize(ByteSize.ofBytes(LIMIT)).maximumLayers(3).build();
  private static final List<String> CODINGS =
      List.of("gzip", "deflate", "br", "zstd", "gzip, zstd", "br, br, deflate", "identity", "x");

  @FuzzTest
  void decode_anyBytes_staysWithinTheLimits(FuzzedDataProvider data) throws IOException {
    String coding = data.pickValue(CODINGS);
    byte[] body = data.consumeRemainingAsBytes();
    try (InputStream in = DECODER.decode(List.of(coding), new ByteArrayInputStream(body))) {
      long length = in.transferTo(java.io.OutputStream.nullOutputStream());
      if (length > Math.max(LIMIT, body.length)) {
        throw new AssertionError(length + " bytes");
      }
    } catch (RequestRefusedException expected) {
      int status = expected.status();
      if (status != 400 && status != 413 && status != 415) {
        throw new AssertionError("status " + status, expected);
      }
    }
  }

  @FuzzTest
  void payload_anyBytes_isDecodedOrRefused(FuzzedDataProvider data) {
    boolean gzip = data.consumeBoolean();
    byte[] payload = data.consumeRemainingAsBytes();
    try (CompressionTransform transform =
        gzip ? CompressionTransform.gzip(6) : CompressionTransform.zstd(3)) {
      byte[] decoded = transform.decode(payload, 0, payload.length, new byte[0], LIMIT);
      if (decoded.length > LIMIT) {
        throw new AssertionError(decoded.length + " bytes");
      }
    } catch (TransformException expected) {
      if (expected.reason() == TransformException.Reason.KEY_UNAVAILABLE) {
        throw expected;
      }
    }
  }
}
