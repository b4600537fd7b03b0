package dev.platter.harness.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs once for each state in which a power cut could have left a disk, during a
 * workload or after it.
 *
 * <pre>{@code
 * static void deliver(@Disk(size = "1M", create = "cluster_size=4k") MockBlkDriver disk)
 *     throws IOException {
 *   disk.write(0, MAIL);
 *   disk.flush();
 * }
 *
 * @EveryCrashPoint(workload = "deliver")
 * void mailIsWholeOrNotThere(MockBlkDriver disk, PowerCut cut) throws IOException {
 *   ...
 * }
 * }</pre>
 *
 * <p>The workload runs once, and its writes and flushes of the image file are recorded. The test's
 * parameters may be the disk as it is found after the cut, opened again, as a {@code
 * MockBlkDriver}, {@code BlockNode}, {@code Path} or {@link TestDisk}; and the {@link
 * dev.platter.tck.crash.PowerCut}, whose marks are the guest's requests that had been acknowledged
 * by then. Before the test and after it the image is checked: clusters may have leaked, and nothing
 * else may be wrong.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith({PlatterExtension.class, CrashPoints.class})
public @interface EveryCrashPoint {
  /**
   * The name of a static method of the test's class. Its parameters are lent as those of a test;
   * one has {@link Disk} and is not in memory.
   */
  String workload();
}
