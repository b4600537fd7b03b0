package dev.platter.harness.junit;

import dev.platter.api.error.Errno;
import dev.platter.tck.fake.FaultyNode;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A failure of the disk below a guest's device, or of a file below an image; beside {@link Disk} or
 * {@link Chain}. May stand several times.
 */
@Target({ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Fault.List.class)
public @interface Fault {
  /** What {@link #layer} is for the calls that the device makes to the disk. */
  int DEVICE = -1;

  /** Which calls fail. */
  FaultyNode.Kind on();

  /**
   * Whose calls fail: the device's to the disk, or an image's to its file. 0 is the top image, 1
   * its backing file, and so on.
   */
  int layer() default DEVICE;

  /** Which of them fails, counted from 1 since the disk was opened. */
  long nth() default 1;

  /** Whether all that follow fail too. */
  boolean always() default false;

  /** With what. */
  Errno errno() default Errno.EIO;

  /** Several faults. */
  @Target({ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
  @Retention(RetentionPolicy.RUNTIME)
  @interface List {
    /** The faults. */
    Fault[] value();
  }
}
