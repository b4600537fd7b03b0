package dev.platter.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.foreign.Linker;

/**
 * Loads this package anew, with system calls that can be made to fail: where {@link LibC} links a
 * function, {@link FaultyCalls} does. The package that everybody else uses stays as it is, and pays
 * nothing.
 */
final class FaultyLinkage extends ClassLoader {
  private static final String PACKAGE = "dev.platter.file.";
  private static final String RELINKED = PACKAGE + "LibC";

  FaultyLinkage() {
    super(FaultyLinkage.class.getClassLoader());
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(PACKAGE)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] found = file.readAllBytes();
      byte[] bytes = name.startsWith(RELINKED) ? relinked(found) : found;
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] relinked(byte[] bytes) {
    ClassFile files = ClassFile.of();
    return files.transformClass(
        files.parse(bytes), ClassTransform.transformingMethodBodies(FaultyLinkage::relink));
  }

  private static void relink(CodeBuilder code, CodeElement element) {
    if (element instanceof InvokeInstruction call && call.name().equalsString("downcallHandle")) {
      code.invokestatic(
          ClassDesc.of(PACKAGE + "FaultyCalls"),
          "downcallHandle",
          call.typeSymbol().insertParameterTypes(0, ClassDesc.of(Linker.class.getName())));
    } else {
      code.with(element);
    }
  }
}
