package dev.perfkit.crypto.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.DecryptException;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.Keyset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Proves with Jackson that annotated properties of any type are ciphertexts in JSON and come back,
 * bound to document and property, and that failures show no plaintext.
 */
class EncryptedModuleTest {

  private static final CipherContext ROW = CipherContext.ofTable("users").row(42);
  private static final CipherContext OTHER = CipherContext.ofTable("users").row(43);

  record Address(String street, int number) {}

  record User(
      long id,
      @Encrypted @Nullable String email,
      @Encrypted(column = "phone_number") @Nullable String phone,
      @Encrypted @Nullable Address address,
      @Encrypted @Nullable List<Address> former,
      @Encrypted int age) {}

  /** A class with fields and setters, as an older host has them. */
  static final class Bean {
    @Encrypted
    @JsonProperty("mail")
    @Nullable String email;

    @Encrypted
    @JsonProperty("photo")
    byte @Nullable [] photo;
  }

  private static final User ADA =
      new User(
          42,
          "Zebra@example.org",
          "Zebra-4711",
          new Address("Zebra Road", 12),
          List.of(new Address("Zebra Lane", 1)),
          36);

  private final FieldCipher cipher = FieldCipher.named("pii").keyset(Keyset.generate()).build();
  private final ObjectMapper mapper =
      JsonMapper.builder().addModule(EncryptedModule.of(cipher)).build();

  @Test
  void write_annotatedProperties_areCiphertexts() throws Exception {
    String json = write(ADA, ROW);
    // Ciphertexts are random: a short word may be in one by chance.
    assertThat(json)
        .doesNotContain("Zebra@", "Zebra-4711", "Zebra Road", "Zebra Lane")
        .contains("\"id\":42");
    JsonNode tree = mapper.readTree(json);
    assertThat(cipher.text().decryptToString(tree.get("age").textValue(), ROW.column("age")))
        .isEqualTo("36");
    assertThat(tree.get("email").isTextual()).isTrue();
    assertThat(cipher.text().decryptToString(tree.get("email").asText(), ROW.column("email")))
        .isEqualTo("Zebra@example.org");
    assertThat(
            cipher.text().decryptToString(tree.get("phone").asText(), ROW.column("phone_number")))
        .isEqualTo("Zebra-4711");
    assertThat(cipher.text().decryptToString(tree.get("address").asText(), ROW.column("address")))
        .isEqualTo("{\"street\":\"Zebra Road\",\"number\":12}");
  }

  @Test
  void read_inItsPlace_givesEverythingBack() throws Exception {
    User read = read(write(ADA, ROW), ROW);
    assertThat(read).usingRecursiveComparison().isEqualTo(ADA);
    User empty = new User(42, null, null, null, null, 0);
    String json = write(empty, ROW);
    assertThat(json).contains("\"email\":null");
    assertThat(read(json, ROW)).isEqualTo(empty);
  }

  @Test
  void read_inAnotherDocumentOrProperty_isNotAuthentic() throws Exception {
    String json = write(ADA, ROW);
    assertNotAuthentic(() -> read(json, OTHER));
    ObjectNode swapped = (ObjectNode) mapper.readTree(json);
    swapped.set("address", swapped.get("email"));
    assertNotAuthentic(() -> read(swapped.toString(), ROW));
  }

  @Test
  void fields_ofAClass_areEncrypted() throws Exception {
    Bean bean = new Bean();
    bean.email = "Zebra 4711";
    bean.photo = new byte[] {1, 2, 3};
    String json =
        mapper.writer().withAttribute(EncryptedModule.PLACE, ROW).writeValueAsString(bean);
    assertThat(json).startsWith("{\"mail\":\"").doesNotContain("Zebra 4711");
    Bean read =
        mapper.readerFor(Bean.class).withAttribute(EncryptedModule.PLACE, ROW).readValue(json);
    assertThat(read.email).isEqualTo("Zebra 4711");
    assertThat(read.photo).containsExactly(1, 2, 3);
    String photo = mapper.readTree(json).get("photo").asText();
    assertThat(cipher.text().decrypt(photo, ROW.column("photo"))).containsExactly(1, 2, 3);
  }

  @Test
  void place_missingOrOfAnotherType_isRefused() throws Exception {
    assertThatThrownBy(() -> mapper.writeValueAsString(ADA))
        .isInstanceOf(JsonMappingException.class)
        .hasMessageContaining("EncryptedModule.PLACE must be a CipherContext but was not set")
        .hasMessageNotContaining("Zebra");
    assertThatThrownBy(
            () ->
                mapper
                    .writer()
                    .withAttribute(EncryptedModule.PLACE, "users")
                    .writeValueAsString(ADA))
        .hasMessageContaining("but was java.lang.String");
    String json = write(ADA, ROW);
    assertThatThrownBy(() -> mapper.readValue(json, User.class))
        .isInstanceOf(JsonMappingException.class)
        .hasMessageContaining("not set");
  }

  @Test
  void place_ofTheModule_bindsToTheColumnOnly() throws Exception {
    ObjectMapper bound =
        JsonMapper.builder()
            .addModule(EncryptedModule.of(cipher, CipherContext.ofTable("users")))
            .build();
    String json = bound.writeValueAsString(ADA);
    assertThat(bound.readValue(json, User.class)).usingRecursiveComparison().isEqualTo(ADA);
    assertNotAuthentic(() -> read(json, ROW));
  }

  @Test
  void read_noCiphertextOrNotOfTheType_failsWithoutPlaintext() throws Exception {
    ObjectNode document = (ObjectNode) mapper.readTree(write(ADA, ROW));
    document.put("email", 7);
    assertThatThrownBy(() -> read(document.toString(), ROW))
        .isInstanceOf(JsonMappingException.class)
        .hasMessageContaining("an encrypted property is a text");
    document.put("email", "ada@example.org");
    assertThatThrownBy(() -> read(document.toString(), ROW))
        .hasRootCauseInstanceOf(DecryptException.class);
    document.putNull("email");
    for (String json : List.of("\"Zebra\"", "{\"street\":[]}", "{} {}", "", "{\"Zebra\":1}")) {
      document.put("address", cipher.text().encrypt(json, ROW.column("address")));
      assertThatThrownBy(() -> read(document.toString(), ROW))
          .isInstanceOf(JsonMappingException.class)
          .hasMessageContaining("encrypted property 'address' is not JSON of its type")
          .hasMessageNotContaining("Zebra")
          .hasNoCause();
    }
  }

  private String write(User user, CipherContext place) throws JsonProcessingException {
    return mapper.writer().withAttribute(EncryptedModule.PLACE, place).writeValueAsString(user);
  }

  private User read(String json, CipherContext place) throws JsonProcessingException {
    return mapper.readerFor(User.class).withAttribute(EncryptedModule.PLACE, place).readValue(json);
  }

  private static void assertNotAuthentic(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(JsonMappingException.class)
        .hasRootCauseInstanceOf(DecryptException.class)
        .hasMessageNotContaining("Zebra");
  }
}
