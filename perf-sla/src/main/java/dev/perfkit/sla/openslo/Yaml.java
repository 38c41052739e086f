package dev.perfkit.sla.openslo;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The documents of a YAML 1.2 text. No objects are made of it, and what could make a small text
 * large is refused before it is put together: anchors, aliases, deep nesting, many documents.
 */
final class Yaml {

  private static final int DEEPEST = 16;
  private static final int MOST_DOCUMENTS = 200;

  private Yaml() {}

  /** Returns the documents; none if there is a problem. */
  static List<Field> documents(String text, Complaints complaints) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel("OpenSLO")
            .setCodePointLimit(OpenSlo.MAXIMUM_LENGTH)
            .build();
    List<Field> documents = new ArrayList<>();
    try {
      checkEvents(new Parse(settings).parseString(text), complaints);
      if (complaints.isEmpty()) {
        for (Node node : new Compose(settings).composeAllFromString(text)) {
          documents.add(new Field(node, "", complaints));
        }
      }
    } catch (MarkedYamlEngineException malformed) {
      String problem = String.valueOf(malformed.getProblem());
      complaints.add(line(malformed.getProblemMark()), "", "must be YAML, but " + problem);
    } catch (YamlEngineException malformed) {
      complaints.add(0, "", "must be YAML, but " + malformed.getMessage());
    }
    return complaints.isEmpty() ? documents : List.of();
  }

  static int line(Optional<Mark> mark) {
    return mark.map(it -> it.getLine() + 1).orElse(0);
  }

  private static void checkEvents(Iterable<Event> events, Complaints complaints) {
    int depth = 0;
    int documents = 0;
    for (Event event : events) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        case DocumentStart -> documents++;
        default -> {
          // Scalars and the ends of documents change nothing here.
        }
      }
      boolean named = event instanceof NodeEvent node && node.getAnchor().isPresent();
      String rule =
          depth > DEEPEST
              ? "must be nested at most " + DEEPEST + " deep"
              : documents > MOST_DOCUMENTS
                  ? "must have at most " + MOST_DOCUMENTS + " documents"
                  : named ? "must not use anchors and aliases: write it out" : null;
      if (rule != null) {
        complaints.add(line(event.getStartMark()), "", rule);
        return;
      }
    }
  }
}
