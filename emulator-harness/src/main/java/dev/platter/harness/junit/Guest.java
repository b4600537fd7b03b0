package dev.platter.harness.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How the mock guest of a parameter sees its disk; beside {@link Disk} or {@link Chain}. */
@Target({ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Guest {
  /** The number of queues. */
  int queues() default 1;

  /** The size of each queue. */
  int queueSize() default 256;

  /** The logical block size in bytes. */
  int logicalBlockBytes() default 512;

  /** Threads that serve the requests; 0 serves them on the thread of the guest. */
  int workers() default 0;

  /** The serial number. */
  String serial() default "";

  /** Whether the driver uses indirect descriptors. */
  boolean indirect() default true;

  /** Whether the driver uses event indexes. */
  boolean eventIndex() default true;
}
