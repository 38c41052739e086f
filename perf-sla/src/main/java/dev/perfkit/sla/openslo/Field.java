package dev.perfkit.sla.openslo;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value of a document that knows its place. What is asked of it and is not so becomes a complaint
 * with line and field; the answer is then null. For one thread.
 */
final class Field {

  private static final int LONGEST_NUMBER = 40;
  private static final int LONGEST_SHOWN = 60;

  private final Node node;
  private final String path;
  private final Complaints complaints;

  Field(Node node, String path, Complaints complaints) {
    this.node = node;
    this.path = path;
    this.complaints = complaints;
  }

  /** Notes that something does not hold. */
  void complain(String rule) {
    complaints.add(Yaml.line(node.getStartMark()), path, rule);
  }

  /** Returns the members of a mapping by name; each name must be one of these. */
  Map<String, Field> members(Set<String> allowed) {
    Map<String, Field> members = new LinkedHashMap<>();
    if (!(node instanceof MappingNode mapping)) {
      complain("must be a mapping");
      return members;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      add(tuple, allowed, members);
    }
    return members;
  }

  /** Returns the items of a list. */
  List<Field> items() {
    List<Field> items = new ArrayList<>();
    if (!(node instanceof SequenceNode sequence)) {
      complain("must be a list");
      return items;
    }
    for (Node item : sequence.getValue()) {
      items.add(new Field(item, path + "[" + items.size() + "]", complaints));
    }
    return items;
  }

  /** Notes that a member is missing. */
  void missing(String name) {
    complaints.add(Yaml.line(node.getStartMark()), child(name), "must be there");
  }

  /** Returns a text that is not blank. */
  @Nullable String text() {
    boolean isText = node instanceof ScalarNode && !node.getTag().equals(Tag.NULL);
    if (!isText || scalar().isBlank()) {
      complain("must be a text");
      return null;
    }
    return scalar();
  }

  /** Returns one of several texts. */
  @Nullable String oneOf(List<String> allowed) {
    String text = text();
    if (text != null && !allowed.contains(text)) {
      complain("must be " + String.join(" or ", allowed) + " but was " + shown(text));
      return null;
    }
    return text;
  }

  /** Returns a number. */
  @Nullable BigDecimal number() {
    boolean isNumber = node.getTag().equals(Tag.INT) || node.getTag().equals(Tag.FLOAT);
    if (isNumber && scalar().length() <= LONGEST_NUMBER) {
      try {
        BigDecimal number = new BigDecimal(scalar());
        if (Math.abs((long) number.scale()) <= LONGEST_NUMBER) {
          return number;
        }
      } catch (NumberFormatException otherForm) {
        // Such as .inf, which is a number in YAML.
      }
    }
    complain("must be a decimal number but was " + shown(scalar()));
    return null;
  }

  /** Returns whether it says true. */
  @Nullable Boolean flag() {
    if (!node.getTag().equals(Tag.BOOL)) {
      complain("must be true or false but was " + shown(scalar()));
      return null;
    }
    return Boolean.valueOf(scalar());
  }

  /** Returns a text as messages show it. */
  static String shown(String text) {
    return "'"
        + (text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...")
        + "'";
  }

  private String scalar() {
    return node instanceof ScalarNode scalar ? scalar.getValue() : node.getNodeType().toString();
  }

  private void add(NodeTuple tuple, Set<String> allowed, Map<String, Field> members) {
    Node key = tuple.getKeyNode();
    String name = key instanceof ScalarNode scalar ? scalar.getValue() : "";
    int line = Yaml.line(key.getStartMark());
    if (!allowed.contains(name)) {
      complaints.add(
          line, child(shorten(name)), "is not supported here; known are " + sorted(allowed));
    } else if (members.containsKey(name)) {
      complaints.add(line, child(name), "must be there once");
    } else {
      members.put(name, new Field(tuple.getValueNode(), child(name), complaints));
    }
  }

  private static List<String> sorted(Set<String> names) {
    return names.stream().sorted().toList();
  }

  private static String shorten(String name) {
    return name.length() <= LONGEST_SHOWN ? name : name.substring(0, LONGEST_SHOWN) + "...";
  }

  private String child(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
