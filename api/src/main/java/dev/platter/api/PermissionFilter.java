package dev.platter.api;

/** A filter that does more with the node below it than is asked of it, or shares less of it. */
public interface PermissionFilter extends BlockNode {
  /**
   * What the filter does with the node below.
   *
   * @param asked what is done with the filter itself
   */
  Permissions permissionsBelow(Permissions asked);
}
