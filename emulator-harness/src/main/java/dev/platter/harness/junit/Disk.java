package dev.platter.harness.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A temporary disk for a test's parameter, of a type that {@link PlatterExtension} lists. Disks of
 * one test are apart, unless they have one {@link #name}.
 */
@Target({ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Disk {
  /** {@code qcow2}, {@code raw}, another format that can be created, or {@code memory}. */
  String format() default "qcow2";

  /** The size, as option strings write it. */
  String size() default "1M";

  /** Creation options: {@code cluster_size=4k}. */
  String[] create() default {};

  /** Options of the drive, as an option string has them: {@code l2-cache-size=128k}. */
  String drive() default "";

  /** Parameters whose disks have one name share the disk. */
  String name() default "";

  /** Whether the images must pass their checks when the test has ended. */
  boolean check() default true;
}
