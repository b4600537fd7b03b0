/**
 * Format driver {@code qcow2}.
 *
 * <p>What is written keeps to these rules, so that a power cut at any moment leaves an image that
 * opens, holds what was flushed, and leaks clusters at worst. The classes that keep a rule name it.
 *
 * <ul>
 *   <li>R1. A raised refcount is durable before any pointer to its cluster.
 *   <li>R2. A table's contents are durable before the entry that names it.
 *   <li>R3. Guest data, and what was copied around it, is durable before the L2 entry that shows
 *       it.
 *   <li>R4. A removed pointer is durable before the refcount goes down.
 *   <li>R5. A freed cluster is neither reused nor punched before that.
 *   <li>R6. A snapshot table is durable, and so are the refcounts that it needs, before the header
 *       names it; what it no longer names is free in the refcounts that it names then.
 *   <li>R7. A change of the header that touches more than one field is one write within a sector.
 *   <li>R8. The dirty bit is durable before the first change for which refcounts are postponed, and
 *       goes after a flush of everything. Lazy refcounts lift R1 and R4, and no other rule.
 *   <li>R9. After a failed flush the state of the file is unknown: later flushes and changes fail
 *       until the image is opened again.
 *   <li>R10. What is needed is reserved before anything is published: a host without space leaves
 *       old pointers and refcounts as they were.
 * </ul>
 */
package dev.platter.qcow2;
