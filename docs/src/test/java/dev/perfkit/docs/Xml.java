package dev.perfkit.docs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** An element of a pom, read by paths of child names such as {@code modules/module}. */
record Xml(Element element) {

  static Xml of(Path file) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return new Xml(factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement());
    } catch (ParserConfigurationException | SAXException | IOException failure) {
      throw new IllegalStateException("cannot read " + file, failure);
    }
  }

  List<Xml> all(String path) {
    List<Xml> found = List.of(this);
    for (String name : path.split("/", -1)) {
      found = found.stream().flatMap(xml -> xml.children(name).stream()).toList();
    }
    return found;
  }

  List<String> texts(String path) {
    return all(path).stream().map(xml -> xml.element.getTextContent().strip()).toList();
  }

  /** Returns the text of the first such element, or an empty one. */
  String text(String path) {
    return texts(path).stream().findFirst().orElse("");
  }

  private List<Xml> children(String name) {
    List<Xml> children = new ArrayList<>();
    for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element child && child.getTagName().equals(name)) {
        children.add(new Xml(child));
      }
    }
    return children;
  }
}
