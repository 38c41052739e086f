package dev.perfkit.sla.openslo;

import dev.perfkit.sla.Slo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The documents of one text: each is of a kind, and has a name in it. For one thread. */
final class Documents {

  private static final Set<String> DOCUMENT = Set.of("apiVersion", "kind", "metadata", "spec");
  private static final Set<String> METADATA =
      Set.of("name", "displayName", "labels", "annotations");
  private static final int LONGEST_NAME = 100;

  /** One objective of a service. */
  record Objective(String service, Slo slo) {}

  private final Complaints complaints;
  private final Map<String, Field> indicators = new LinkedHashMap<>();
  private final Map<String, Field> slos = new LinkedHashMap<>();
  private final Map<String, Field> services = new LinkedHashMap<>();
  private final List<Objective> objectives = new ArrayList<>();

  private Documents(Complaints complaints) {
    this.complaints = complaints;
  }

  static Documents read(List<Field> all, Complaints complaints) {
    Documents documents = new Documents(complaints);
    if (all.isEmpty() && complaints.isEmpty()) {
      complaints.add(0, "", "must have a document");
    }
    all.forEach(documents::document);
    documents.services.values().forEach(spec -> spec.members(Set.of("description")));
    documents.slos.forEach(documents::slo);
    Set<String> named = new HashSet<>();
    for (Objective objective : documents.objectives) {
      if (!named.add(objective.service() + "/" + objective.slo().name())) {
        complaints.add(
            0, "", "must name objectives of a service once, but " + objective + " comes twice");
      }
    }
    return documents;
  }

  List<Objective> objectives() {
    return objectives;
  }

  /** Returns the spec of an SLI in the text. */
  @Nullable Field indicator(String name) {
    return indicators.get(name);
  }

  private void document(Field document) {
    Map<String, Field> members = document.members(DOCUMENT);
    for (String name : List.of("apiVersion", "kind", "metadata", "spec")) {
      if (!members.containsKey(name)) {
        document.missing(name);
      }
    }
    Field version = members.get("apiVersion");
    if (version != null) {
      version.oneOf(List.of("openslo/v1"));
    }
    Field kind = members.get("kind");
    Field metadata = members.get("metadata");
    Field spec = members.get("spec");
    if (kind != null && metadata != null && spec != null) {
      keep(kind, metadata, spec);
    }
  }

  private void keep(Field kind, Field metadata, Field spec) {
    String which = kind.oneOf(List.of("SLO", "SLI", "Service"));
    String name = name(metadata);
    if (which == null || name == null) {
      return;
    }
    Map<String, Field> sort =
        which.equals("SLO") ? slos : which.equals("SLI") ? indicators : services;
    if (sort.putIfAbsent(name, spec) != null) {
      metadata.complain(
          "must name each " + which + " once, but " + Field.shown(name) + " is there");
    }
  }

  private @Nullable String name(Field metadata) {
    Field name = metadata.members(METADATA).get("name");
    if (name == null) {
      metadata.missing("name");
      return null;
    }
    String text = name.text();
    if (text != null && text.length() > LONGEST_NAME) {
      name.complain("must be at most " + LONGEST_NAME + " characters");
      return null;
    }
    return text;
  }

  private void slo(String name, Field spec) {
    objectives.addAll(new SloDocument(this, name, spec, complaints).read());
  }
}
