package dev.platter.harness.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A temporary chain of images for a test's parameter: a base and overlays on it, all empty, of
 * which the parameter gets the top.
 */
@Target({ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Chain {
  /** How many overlays lie on the base, at least 1. */
  int overlays() default 1;

  /** The base's format. */
  String base() default "qcow2";

  /** The size, as option strings write it. */
  String size() default "1M";

  /** Creation options of the overlays, and of a qcow2 base. */
  String[] create() default {};

  /** Options of the drive, as an option string has them. */
  String drive() default "";

  /** Parameters whose chains have one name share the chain. */
  String name() default "";

  /** Whether the images must pass their checks when the test has ended. */
  boolean check() default true;
}
