package dev.platter.harness.junit;

import dev.platter.api.error.Errno;
import dev.platter.tck.fake.FaultyNode;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A failure of the disk below a guest's device; beside {@link Disk} or {@link Chain}. May stand
 * several times.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Fault.List.class)
public @interface Fault {
  /** Which calls fail. */
  FaultyNode.Kind on();

  /** Which of them fails, counted from 1. */
  long nth() default 1;

  /** Whether all that follow fail too. */
  boolean always() default false;

  /** With what. */
  Errno errno() default Errno.EIO;

  /** Several faults. */
  @Target(ElementType.PARAMETER)
  @Retention(RetentionPolicy.RUNTIME)
  @interface List {
    /** The faults. */
    Fault[] value();
  }
}
