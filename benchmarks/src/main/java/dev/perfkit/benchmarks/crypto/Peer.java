package dev.perfkit.benchmarks.crypto;

import java.security.GeneralSecurityException;

/** One way to encrypt and decrypt a field. */
interface Peer {

  byte[] encrypt(byte[] clear) throws GeneralSecurityException;

  byte[] decrypt(byte[] sealed) throws GeneralSecurityException;
}
