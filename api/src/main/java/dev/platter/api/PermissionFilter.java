package dev.platter.api;

/**
 * A filter that does more with the node below it than is asked of it, or shares less of it.
 *
 * <p>Threads: any.
 */
public interface PermissionFilter extends BlockNode {
  /**
   * What the filter does with the node below. Asked whenever the filter's users change, also before
   * its first request; it must not wait, nor send requests.
   *
   * @param asked what is done with the filter itself
   */
  Permissions permissionsBelow(Permissions asked);
}
