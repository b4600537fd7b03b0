/**
 * Encryption of disk sectors: ciphers, key derivation, and volumes in LUKS version 1.
 *
 * <p>Needs nothing but the JDK, and knows nothing of images: a driver gives it the bytes of a
 * header ({@link dev.platter.crypto.LuksStorage}) and gets a {@link
 * dev.platter.crypto.SectorCipher}.
 */
package dev.platter.crypto;
