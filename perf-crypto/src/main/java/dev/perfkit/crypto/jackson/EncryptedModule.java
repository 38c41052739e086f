package dev.perfkit.crypto.jackson;

import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.databind.Module;
import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.spi.Beta;
import java.util.Objects;

/**
 * Encrypts the properties that are {@link Encrypted}, to base64url texts. A text is encrypted as it
 * is, bytes are, and any other value is as its JSON; null stays null.
 *
 * <pre>{@code
 * record User(long id, @Encrypted String email) {}
 *
 * ObjectMapper mapper = JsonMapper.builder().addModule(EncryptedModule.of(cipher)).build();
 * CipherContext row = CipherContext.ofTable("users").row(42);
 * String json = mapper.writer().withAttribute(EncryptedModule.PLACE, row).writeValueAsString(user);
 * User read = mapper.readerFor(User.class).withAttribute(EncryptedModule.PLACE, row).readValue(json);
 * }</pre>
 *
 * <p>Each value is bound to the place of its document and, as the column, to the name of its
 * property. Values of one name within one document (the elements of a list) have the same place, so
 * whoever changes the document can swap them.
 *
 * <p>A failure is Jackson's {@code JsonMappingException} with the cipher's exception as its cause.
 */
@Beta
public final class EncryptedModule extends Module {

  /** The attribute that holds the {@link CipherContext} of the document. */
  public static final Object PLACE = EncryptedModule.class.getName() + ".place";

  private final Place place;

  private EncryptedModule(Place place) {
    this.place = place;
  }

  /** Returns a module that demands a {@link #PLACE} for each document. */
  public static EncryptedModule of(FieldCipher cipher) {
    return new EncryptedModule(new Place(Objects.requireNonNull(cipher, "cipher"), null));
  }

  /**
   * Returns a module that takes a place for documents that are given none: their values are bound
   * to the column only, and can be swapped between documents by whoever changes the store.
   *
   * @param otherwise a context without a column
   */
  public static EncryptedModule of(FieldCipher cipher, CipherContext otherwise) {
    return new EncryptedModule(
        new Place(
            Objects.requireNonNull(cipher, "cipher"),
            Objects.requireNonNull(otherwise, "otherwise")));
  }

  @Override
  public String getModuleName() {
    return EncryptedModule.class.getName();
  }

  @Override
  public Version version() {
    return Version.unknownVersion();
  }

  @Override
  public void setupModule(SetupContext context) {
    context.insertAnnotationIntrospector(new EncryptedIntrospector(place));
  }
}
