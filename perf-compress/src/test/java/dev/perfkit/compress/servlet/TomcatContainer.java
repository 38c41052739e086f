package dev.perfkit.compress.servlet;

import jakarta.servlet.http.HttpServlet;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** Tomcat, with a filter in front of a servlet. */
final class TomcatContainer {

  /** Kept, because loggers are forgotten otherwise; what fails on purpose is not news. */
  private static final Logger LOG = Logger.getLogger("org.apache");

  static {
    LOG.setLevel(Level.OFF);
  }

  private final Tomcat tomcat = new Tomcat();

  int start(Path folder, CompressionServletFilter filter, HttpServlet servlet) throws Exception {
    tomcat.setSilent(true);
    tomcat.setBaseDir(folder.toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", folder.toString());
    FilterDef definition = new FilterDef();
    definition.setFilterName("compression");
    definition.setFilter(filter);
    definition.setAsyncSupported("true");
    context.addFilterDef(definition);
    FilterMap mapping = new FilterMap();
    mapping.setFilterName("compression");
    mapping.addURLPattern("/*");
    for (String type : new String[] {"REQUEST", "ASYNC", "ERROR"}) {
      mapping.setDispatcher(type);
    }
    context.addFilterMap(mapping);
    Wrapper wrapper = Tomcat.addServlet(context, "handled", servlet);
    wrapper.setAsyncSupported(true);
    context.addServletMappingDecoded("/*", "handled");
    tomcat.start();
    return tomcat.getConnector().getLocalPort();
  }

  void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }
}
