package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Proves that the encoding is injective: two contexts have the same bytes only if they have the
 * same parts. The alphabet is tiny and holds the bytes of the framing, so that a framing which can
 * be imitated by a value is found.
 */
class CipherContextInjectivityTest {

  /** The parts of a context as plain values, the model that encodings are compared with. */
  record Parts(
      String table,
      Optional<String> tenant,
      Optional<String> column,
      Optional<String> purpose,
      List<Object> rows) {

    CipherContext toContext() {
      CipherContext context = CipherContext.ofTable(table);
      context = tenant.map(context::tenant).orElse(context);
      context = column.map(context::column).orElse(context);
      context = purpose.map(context::purpose).orElse(context);
      for (Object row : rows) {
        context = row instanceof Long id ? context.row(id) : context.row((String) row);
      }
      return context;
    }
  }

  @Property(tries = 3_000)
  void encoding_ofTwoContexts_isEqualOnlyIfTheirPartsAre(
      @ForAll("parts") Parts one, @ForAll("parts") Parts other) {
    assertThat(
            Arrays.equals(one.toContext().toAssociatedData(), other.toContext().toAssociatedData()))
        .isEqualTo(one.equals(other));
  }

  @Property(tries = 1_000)
  void encoding_decoded_givesThePartsBack(@ForAll("parts") Parts parts) {
    assertThat(Decoder.decode(parts.toContext().toAssociatedData())).isEqualTo(parts);
  }

  @Provide
  Arbitrary<Parts> parts() {
    Arbitrary<String> word =
        Arbitraries.strings()
            .withChars('\0', '\1', '\2', '\4', '\10', 'a')
            .ofMinLength(1)
            .ofMaxLength(3);
    Arbitrary<Object> row =
        Arbitraries.oneOf(
            word.map(text -> (Object) text),
            Arbitraries.longs().between(-1, 2).map(id -> (Object) id));
    return Combinators.combine(
            word, word.optional(), word.optional(), word.optional(), row.list().ofMaxSize(2))
        .as(Parts::new);
  }

  /** Reads the documented format back, independently of the encoder. */
  private static final class Decoder {

    static Parts decode(byte[] bytes) {
      java.nio.ByteBuffer in = java.nio.ByteBuffer.wrap(bytes);
      assertThat(in.get()).isEqualTo((byte) 1);
      int count = in.get();
      String[] names = new String[5];
      List<Object> rows = new ArrayList<>();
      int last = 0;
      for (int i = 0; i < count; i++) {
        int role = in.get();
        int type = in.get();
        byte[] value = new byte[in.getInt()];
        in.get(value);
        assertThat(role).isGreaterThanOrEqualTo(last);
        last = role;
        if (role == 8) {
          rows.add(type == 2 ? (Object) java.nio.ByteBuffer.wrap(value).getLong() : text(value));
        } else {
          names[role] = text(value);
        }
      }
      assertThat(in.hasRemaining()).isFalse();
      return new Parts(
          names[2],
          Optional.ofNullable(names[1]),
          Optional.ofNullable(names[3]),
          Optional.ofNullable(names[4]),
          rows);
    }

    private static String text(byte[] value) {
      return new String(value, java.nio.charset.StandardCharsets.UTF_8);
    }
  }
}
