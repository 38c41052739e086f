package dev.perfkit.testkit.redis;

import dev.perfkit.testkit.internal.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * Who is who in a new cluster. Each node finds the whole of it in its file {@code nodes.conf}, so
 * nobody has to be introduced to anybody.
 */
final class ClusterMap {

  private static final int SLOTS = 16_384;
  private static final int BUS_OFFSET = 10_000;
  private static final int ID_BYTES = 20;

  private final int masters;
  private final List<Member> members;

  /** One node, by its name in the cluster. */
  record Member(String id, int port) {}

  private ClusterMap(int masters, List<Member> members) {
    this.masters = masters;
    this.members = members;
  }

  /** Returns a new one; the first ports are those of masters, then come replicas by turns. */
  static ClusterMap of(int masters, List<Integer> ports) {
    return new ClusterMap(masters, ports.stream().map(port -> new Member(newId(), port)).toList());
  }

  private static String newId() {
    byte[] id = new byte[ID_BYTES];
    ThreadLocalRandom.current().nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  List<Member> members() {
    return members;
  }

  /** Returns the slots of a part, such as {@code 0-5460}. */
  String slots(int part) {
    return part * SLOTS / masters + "-" + ((part + 1) * SLOTS / masters - 1);
  }

  void write(Path folder, Member me) throws IOException {
    String lines =
        members.stream()
            .map(member -> line(member, member.equals(me)))
            .collect(Collectors.joining());
    Files.writeString(
        folder.resolve("nodes.conf"),
        lines + "vars currentEpoch " + masters + " lastVoteEpoch 0\n");
  }

  private String line(Member member, boolean me) {
    int index = members.indexOf(member);
    int part = index % masters;
    boolean master = index < masters;
    return member.id()
        + " "
        + Ports.LOOPBACK
        + ":"
        + member.port()
        + "@"
        + (member.port() + BUS_OFFSET)
        + (me ? " myself," : " ")
        + (master ? "master -" : "slave " + members.get(part).id())
        + " 0 0 "
        + (master ? part + 1 : 0)
        + " connected"
        + (master ? " " + slots(part) : "")
        + "\n";
  }
}
