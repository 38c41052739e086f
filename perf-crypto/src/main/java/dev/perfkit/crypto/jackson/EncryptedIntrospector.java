package dev.perfkit.crypto.jackson;

import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.NopAnnotationIntrospector;
import org.jspecify.annotations.Nullable;

/** Tells Jackson who writes and reads an annotated property. */
final class EncryptedIntrospector extends NopAnnotationIntrospector {

  private static final long serialVersionUID = 1;

  private final transient Place place;

  EncryptedIntrospector(Place place) {
    this.place = place;
  }

  @Override
  public @Nullable Object findSerializer(Annotated annotated) {
    Encrypted encrypted = annotated.getAnnotation(Encrypted.class);
    return encrypted == null ? null : new EncryptedSerializer(place, encrypted.column());
  }

  @Override
  public @Nullable Object findDeserializer(Annotated annotated) {
    Encrypted encrypted = annotated.getAnnotation(Encrypted.class);
    return encrypted == null ? null : new EncryptedDeserializer(place, encrypted.column());
  }
}
