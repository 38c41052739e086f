package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Proves that the encoding of contexts is the documented one, byte by byte, and that a context
 * which would mean less than it seems (empty, ill-formed, given twice) is refused.
 */
class CipherContextTest {

  private static final UUID ID = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");

  @Test
  void toAssociatedData_goldenContexts_haveTheBytesOfTheFile() {
    Map<String, CipherContext> contexts = new LinkedHashMap<>();
    contexts.put("table", CipherContext.ofTable("users"));
    contexts.put("column", CipherContext.ofTable("users").column("email"));
    contexts.put("text-row", CipherContext.ofTable("users").column("email").row("42"));
    contexts.put("number-row", CipherContext.ofTable("users").column("email").row(-2L));
    contexts.put("uuid-row", CipherContext.ofTable("users").row(ID));
    contexts.put("bytes-row", CipherContext.ofTable("users").row(new byte[] {0, -1}));
    contexts.put("composite", CipherContext.ofTable("orders").row("eu").row(7L));
    contexts.put(
        "all",
        CipherContext.ofTable("t").column("c").row("r").purpose("p").tenant("\u00e9\ud83d\ude00"));
    contexts.put("purpose", CipherContext.ofPurpose("session"));
    contexts.put("location", CipherContext.ofLocation(new byte[] {1, 2, 3}));
    contexts.put("empty-location", CipherContext.ofLocation(new byte[0]));
    StringBuilder actual = new StringBuilder();
    contexts.forEach(
        (name, context) ->
            actual
                .append(name)
                .append(' ')
                .append(HexFormat.of().formatHex(context.toAssociatedData()))
                .append('\n'));
    assertThat(actual.toString())
        .isEqualTo(new String(Fixtures.golden("contexts.txt"), StandardCharsets.US_ASCII));
  }

  @Test
  void parts_givenInAnyOrder_areTheSameContext() {
    CipherContext one = CipherContext.ofTable("users").tenant("acme").row(1).column("email");
    CipherContext other = CipherContext.ofTable("users").column("email").row(1).tenant("acme");
    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(one).isNotEqualTo(other.purpose("export"));
  }

  @Test
  void row_calledAgain_makesACompositeKeyWhoseOrderMatters() {
    CipherContext orders = CipherContext.ofTable("orders");
    assertThat(orders.row("a").row("b")).isNotEqualTo(orders.row("b").row("a"));
    assertThat(orders.row("a").row("b")).isNotEqualTo(orders.row("ab"));
  }

  @Test
  void row_ofOtherType_isAnotherContext() {
    CipherContext users = CipherContext.ofTable("users");
    assertThat(users.row("42")).isNotEqualTo(users.row(42));
    assertThat(users.row("42")).isNotEqualTo(users.row("42".getBytes(StandardCharsets.UTF_8)));
    assertThat(users.row(ID)).isNotEqualTo(users.row(ID.toString()));
  }

  @Test
  void derivedContext_leavesTheOneItCameFrom() {
    CipherContext email = CipherContext.ofTable("users").column("email");
    byte[] before = email.toAssociatedData();
    email.row(1).tenant("acme");
    email.toAssociatedData()[0] = 9;
    assertThat(email.toAssociatedData()).isEqualTo(before);
  }

  @Test
  void part_givenTwice_isRefused() {
    CipherContext email = CipherContext.ofTable("users").column("email").tenant("a").purpose("p");
    assertThatThrownBy(() -> email.tenant("b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tenant must be given once but was given again");
    assertThatThrownBy(() -> email.column("b")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> email.purpose("b")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void part_empty_isRefused() {
    CipherContext users = CipherContext.ofTable("users");
    assertThatThrownBy(() -> CipherContext.ofTable(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("table must not be empty but was ''");
    assertThatThrownBy(() -> CipherContext.ofPurpose(""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> users.row("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> users.row(new byte[0])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> users.column("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> users.tenant("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void part_illFormed_isRefusedInsteadOfReplaced() {
    CipherContext users = CipherContext.ofTable("users");
    for (String text : new String[] {"a\ud800", "\udc00", "\ud800\ud800\udc00", "\udc00\ud800"}) {
      assertThatThrownBy(() -> users.row(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("row must be well-formed Unicode");
    }
    assertThat(users.row("\ud83d\ude00")).isNotEqualTo(users.row("?"));
  }

  @Test
  void context_overFourKibibytes_isRefused() {
    CipherContext users = CipherContext.ofTable("users");
    int room = CipherContext.MAX_BYTES - users.toAssociatedData().length - 6;
    assertThat(users.row("x".repeat(room)).toAssociatedData()).hasSize(CipherContext.MAX_BYTES);
    assertThatThrownBy(() -> users.row("x".repeat(room + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("encoded context must be at most 4096 bytes but was 4097");
  }

  @Test
  void context_over255Parts_isRefused() {
    CipherContext context = CipherContext.ofTable("t");
    for (int i = 0; i < 254; i++) {
      context = context.row("x");
    }
    CipherContext full = context;
    assertThatThrownBy(() -> full.row("x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("context must have at most 255 parts but was 256");
  }

  @Test
  void toString_always_keepsTheValuesToItself() {
    CipherContext context = CipherContext.ofTable("secret-t").row("secret-r").tenant("secret-x");
    assertThat(context).hasToString("CipherContext[tenant, table, row]");
    assertThat(CipherContext.ofPurpose("p").column("c").row(1))
        .hasToString("CipherContext[column, purpose, row]");
    assertThat(CipherContext.ofLocation(new byte[1])).hasToString("CipherContext[location]");
  }
}
