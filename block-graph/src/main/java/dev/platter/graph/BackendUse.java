package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Permissions;

/**
 * A backend's reference to its root.
 *
 * @param backend the backend
 * @param permissions what is done through it, and what others may do
 */
record BackendUse(BlockBackend backend, Permissions permissions) implements NodeUse {
  @Override
  public String role() {
    return "root node";
  }

  @Override
  public String userName() {
    return backend.name();
  }

  @Override
  public boolean canRedirect() {
    return true;
  }

  @Override
  public void hold() {
    backend.hold();
  }

  @Override
  public void resume() {
    backend.resume();
  }

  @Override
  public void redirect(BlockNode node) {
    backend.setRoot(node);
  }
}
