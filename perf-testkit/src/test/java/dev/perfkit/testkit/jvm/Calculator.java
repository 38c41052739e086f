package dev.perfkit.testkit.jvm;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A program that adds up what it is told. */
final class Calculator implements JvmProgram {

  private long sum;

  @Override
  public void start(List<String> arguments) {
    sum = Long.parseLong(arguments.get(0));
    System.err.println("I begin with " + sum);
  }

  @Override
  public String answer(String command) throws InterruptedException {
    if (command.equals("think")) {
      boolean unused = new CountDownLatch(1).await(1, TimeUnit.SECONDS);
    }
    return switch (command) {
      case "time" -> Long.toString(System.nanoTime());
      case "think" -> "thought";
      default -> Long.toString(sum += Long.parseLong(command));
    };
  }
}
