package dev.perfkit.examples.auth;

/** Encrypts the values of single cells, each bound to its place. */
interface CellCipher {

  byte[] seal(String clear, Cell cell);

  String open(byte[] sealed, Cell cell);
}
