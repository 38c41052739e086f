package dev.perfkit.testkit.jvm;

import dev.perfkit.testkit.internal.Ports;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The main class of a JVM that a fixture started. It ends when the JVM of the test does: its input
 * ends then, and its connection.
 */
final class JvmMain {

  static final String CONNECTION = "perfkit.testkit.jvm";

  private final JvmProgram program;
  private final DataInputStream in;
  private final DataOutputStream out;

  private JvmMain(JvmProgram program, Socket socket) throws IOException {
    this.program = program;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = new DataOutputStream(socket.getOutputStream());
  }

  /** The arguments: name of the program's class, then its own. */
  public static void main(String[] arguments) throws Exception {
    Thread watch = new Thread(JvmMain::endWithTheTest, "perf-testkit-jvm-watch");
    watch.setDaemon(true);
    watch.start();
    String[] connection = System.getProperty(CONNECTION, "").split(" ", 2);
    try (Socket socket = new Socket(Ports.loopback(), Integer.parseInt(connection[0]))) {
      JvmMain main = new JvmMain(create(arguments[0]), socket);
      main.out.writeUTF(connection[1]);
      main.reply(0, () -> main.start(List.of(arguments).subList(1, arguments.length)));
      main.serve();
    } finally {
      Runtime.getRuntime().halt(0); // whatever threads the program has
    }
  }

  private static void endWithTheTest() {
    try {
      int unused = System.in.read(); // nobody writes there, so this is its end
    } catch (IOException ended) {
      System.err.println("the input ended: " + ended);
    }
    Runtime.getRuntime().halt(1);
  }

  private static JvmProgram create(String name) throws ReflectiveOperationException {
    Constructor<?> constructor = Class.forName(name).getDeclaredConstructor();
    constructor.setAccessible(true);
    return (JvmProgram) constructor.newInstance();
  }

  private String start(List<String> arguments) throws Exception {
    program.start(arguments);
    return "";
  }

  private void serve() throws IOException {
    try {
      while (true) {
        long number = in.readLong();
        String command = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
        reply(number, () -> program.answer(command));
      }
    } catch (EOFException ended) {
      System.err.println("the test ended");
    }
  }

  private interface Answer {
    String get() throws Exception;
  }

  private void reply(long number, Answer answer) throws IOException {
    boolean failed = false;
    String text;
    try {
      text = answer.get();
    } catch (Exception | LinkageError | AssertionError failure) {
      failure.printStackTrace();
      failed = true;
      text = failure.toString();
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeLong(number);
    out.writeBoolean(failed);
    out.writeInt(bytes.length);
    out.write(bytes);
    out.flush();
  }
}
