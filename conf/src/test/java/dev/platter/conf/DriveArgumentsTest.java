package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whole command lines. */
class DriveArgumentsTest {
  private final FakeDrivers drivers = new FakeDrivers();

  private DriveArguments read(String... argv) throws Exception {
    return DriveArguments.from(List.of(argv), drivers);
  }

  private List<String> refusal(String... argv) {
    return catchThrowableOfType(DriveSyntaxException.class, () -> read(argv)).located().stream()
        .map(problem -> problem.origin() + ": " + problem.problem().message())
        .toList();
  }

  @Test
  void whatIsNoDriveComesBackUntouchedAndInOrder() throws Exception {
    DriveArguments arguments =
        read(
            "-m",
            "2G",
            "-drive",
            "file=a",
            "-append",
            "-drive",
            "-hdb",
            "b,c",
            "--nographic",
            "-device",
            "virtio-net-pci",
            "kernel");
    assertThat(arguments.rest())
        .containsExactly(
            "-m", "2G", "-append", "-drive", "--nographic", "-device", "virtio-net-pci", "kernel");
    assertThat(arguments.drives()).hasSize(2);
  }

  @Test
  void shortOptionsTakeFileNamesAsTheyAre() throws Exception {
    PlacedDrive drive = read("-hdb", "a,b=c,file.qcow2").drives().getFirst();
    assertThat(drive.spec()).hasToString("file=a,,b=c,,file.qcow2,index=1");
    assertThat(drive.unit()).isEqualTo(1);
  }

  @Test
  void cdromIsThirdDriveAndReadOnly() throws Exception {
    DriveSpec drive = read("-cdrom", "a.iso").drives().getFirst().spec();
    assertThat(drive.device().media()).isEqualTo(DriveMedia.CDROM);
    assertThat(drive.device().index()).hasValue(2);
    assertThat(drive.node().text("read-only")).contains("on");
  }

  @Test
  void drivesWithoutPlaceTakeNextFreeOne() throws Exception {
    DriveArguments arguments =
        DriveArguments.from(
            List.of("-hda", "a", "-drive", "file=b", "-drive", "file=c,media=cdrom", "-hdd", "d"),
            new DriveParser(drivers),
            DriveInterface.IDE);
    assertThat(arguments.drives())
        .extracting(PlacedDrive::id)
        .containsExactly("ide0-hd0", "ide0-hd1", "ide1-cd0", "ide1-hd1");
  }

  @Test
  void madeNamesAreQemus() throws Exception {
    assertThat(read("-drive", "file=a", "-drive", "file=b,if=none").drives())
        .extracting(PlacedDrive::id)
        .containsExactly("virtio0", "none0");
  }

  @Test
  void blockdevKeyValueBecomesNode() throws Exception {
    DriveArguments arguments =
        read("-blockdev", "qcow2,node-name=n0,file.driver=file,file.filename=a,,b");
    assertThat(arguments.nodes())
        .containsExactly(NodeSpec.of("qcow2").named("n0").withChild("file", NodeSpec.file("a,b")));
  }

  @Test
  void blockdevJsonKeepsItsTypes() throws Exception {
    NodeSpec node =
        read(
                "-blockdev",
                """
                {'driver': 'qcow2', "node-name": "n0", "l2-cache-size": 1048576,
                 "lazy-refcounts": true, "backing": null,
                 "file": {"driver": "file", "filename": "a"}}\
                """
                    .replace("\n", ""))
            .nodes()
            .getFirst();
    assertThat(node.options())
        .isEqualTo(
            Map.of(
                "l2-cache-size", OptionValue.of(1048576), "lazy-refcounts", OptionValue.of(true)));
    assertThat(node.child("backing")).contains(new ChildSpec.None());
  }

  @Test
  void devicesAndDrivesReferToNodesByName() throws Exception {
    DriveArguments arguments =
        read(
            "-device", "virtio-blk-pci,drive=n0,serial=x",
            "-drive", "file=a,backing=n0,if=none,id=d0",
            "-blockdev", "raw,node-name=n0,file.driver=file,file.filename=b,file.node-name=f0",
            "-device", "{\"driver\":\"virtio-blk-pci\",\"drive\":\"d0\"}");
    assertThat(arguments.attachments())
        .containsExactly(
            new Attachment("virtio-blk-pci", "n0", Map.of("serial", "x")),
            new Attachment("virtio-blk-pci", "d0", Map.of()));
  }

  @Test
  void referenceToNothingIsRefused() {
    assertThat(refusal("-drive", "file=a,backing=nope"))
        .containsExactly("-drive: Cannot find device='nope' nor node-name='nope'");
    assertThat(refusal("-device", "virtio-blk-pci,drive=nope"))
        .containsExactly("-device: Property 'drive' can't find value 'nope'");
  }

  @Test
  void namesThatAreGivenTwiceAreRefused() {
    assertThat(refusal("-drive", "file=a,id=d", "-drive", "file=b,id=d"))
        .containsExactly("-drive: Duplicate ID 'd' for drive");
    assertThat(refusal("-drive", "file=a,node-name=n", "-drive", "file=b,file.node-name=n"))
        .containsExactly("-drive: Duplicate nodes with node-name='n'");
    assertThat(refusal("-drive", "file=a,node-name=d,id=d"))
        .containsExactly("-drive: Device name 'd' conflicts with an existing node name");
  }

  @Test
  void placeThatIsTakenTwiceIsRefused() {
    assertThat(refusal("-hda", "a", "-drive", "file=b,index=0"))
        .containsExactly("-drive: drive with bus=0, unit=0 (index=0) exists");
  }

  @Test
  void optionWithoutArgumentIsRefused() {
    assertThat(refusal("-drive")).containsExactly(": -drive: requires an argument");
  }

  @Test
  void problemsOfAllArgumentsComeAtOnce() {
    assertThat(refusal("-drive", "file=a,if=x", "-hda", "json:{", "-blockdev", "raw"))
        .containsExactlyInAnyOrder(
            "-drive: unsupported bus type 'x'",
            "-hda: Could not parse the JSON options: JSON parse error, premature EOI",
            "-blockdev: Parameter 'file' is missing",
            "-blockdev: 'node-name' must be specified for the root node");
  }
}
