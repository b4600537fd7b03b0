package dev.platter.harness.blk;

/** A request that may be able to tell, before it waits for the disk, that it would. */
interface PromptRequest extends Runnable {

  /** What became of an attempt. */
  enum Outcome {
    /** The request was carried out, or is not to be any more. */
    DONE,

    /** It would have to wait, and is still to be run. */
    WOULD_WAIT,

    /** It cannot tell, and is still to be run. */
    UNKNOWN
  }

  /** Carries the request out if the host has all of it in memory. */
  Outcome runPromptly();
}
