package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What option strings mean. */
class DriveSpecTest {
  private final FakeDrivers drivers = new FakeDrivers();

  private DriveSpec parse(String text) throws Exception {
    return DriveSpec.parse(text, drivers);
  }

  private NodeSpec node(String text) throws Exception {
    return parse(text).node();
  }

  private static NodeSpec file(NodeSpec node) {
    return inline(node, "file");
  }

  private static NodeSpec inline(NodeSpec node, String role) {
    return ((ChildSpec.Inline) node.child(role).orElseThrow()).node();
  }

  @Test
  void fileNameBecomesHostFileBelowProbedNode() throws Exception {
    NodeSpec node = node("file=a.qcow2");
    assertThat(node.driver()).isEmpty();
    assertThat(file(node)).isEqualTo(NodeSpec.file("a.qcow2"));
  }

  @Test
  void twoCommasInValueAreOne() throws Exception {
    NodeSpec node = node("file=my,,file.qcow2,read-only=on");
    assertThat(file(node).text("filename")).contains("my,file.qcow2");
    assertThat(node.text("read-only")).contains("on");
  }

  @Test
  void thirdCommaEndsValue() throws Exception {
    NodeSpec node = node("file=base,,,read-only=on,");
    assertThat(file(node).text("filename")).contains("base,");
    assertThat(node.text("read-only")).contains("on");
  }

  @Test
  void formatAndDriverNameTheSameThing() throws Exception {
    assertThat(node("file=a,format=qcow2")).isEqualTo(node("driver=qcow2,file=a"));
  }

  @Test
  void driverOptionsStayAsWritten() throws Exception {
    NodeSpec node = node("file=a,format=qcow2,l2-cache-size=2.5M,lazy-refcounts=no");
    assertThat(node.text("l2-cache-size")).contains("2.5M");
    assertThat(node.text("lazy-refcounts")).contains("no");
  }

  @Test
  void dottedKeysReachChildrenAtAnyDepth() throws Exception {
    NodeSpec node =
        node(
            "file=top,backing.driver=qcow2,backing.l2-cache-size=4M,backing.file.filename=mid"
                + ",backing.backing.driver=raw,backing.backing.file.filename=base");
    NodeSpec middle = inline(node, "backing");
    assertThat(middle.driver()).contains("qcow2");
    assertThat(middle.text("l2-cache-size")).contains("4M");
    assertThat(file(middle)).isEqualTo(NodeSpec.file("mid"));
    assertThat(inline(middle, "backing"))
        .isEqualTo(NodeSpec.of("raw").withChild("file", NodeSpec.file("base")));
  }

  @Test
  void optionWithDotIsNotChild() throws Exception {
    assertThat(node("file=a,format=qcow2,overlap-check.template=all").options())
        .containsEntry("overlap-check.template", OptionValue.of("all"));
  }

  @Test
  void roleAloneRefersToNodeByName() throws Exception {
    assertThat(node("file=a,backing=n0").child("backing")).contains(new ChildSpec.Reference("n0"));
  }

  @Test
  void emptyBackingMeansNoneAndIsDeprecated() throws Exception {
    ParsedDrive parsed = new DriveParser(drivers).parse("file=a,backing=");
    assertThat(parsed.drive().node().child("backing")).contains(new ChildSpec.None());
    assertThat(parsed.warnings())
        .extracting(OptionWarning::toString)
        .containsExactly("Use of \"backing\": \"\" is deprecated; use \"backing\": null instead");
  }

  @Test
  void cacheModesSetThreeFlags() throws Exception {
    assertThat(flags("writeback")).isEqualTo("on off off");
    assertThat(flags("none")).isEqualTo("on on off");
    assertThat(flags("off")).isEqualTo("on on off");
    assertThat(flags("writethrough")).isEqualTo("off off off");
    assertThat(flags("directsync")).isEqualTo("off on off");
    assertThat(flags("unsafe")).isEqualTo("on off on");
    assertThat(flags("none,cache.direct=off")).isEqualTo("on off off");
  }

  private String flags(String mode) throws Exception {
    Map<String, OptionValue> options = node("file=a,cache=" + mode).options();
    return "%s %s %s"
        .formatted(
            options.get("cache.writeback").asText(),
            options.get("cache.direct").asText(),
            options.get("cache.no-flush").asText());
  }

  @Test
  void aioBelongsToProtocolNode() throws Exception {
    assertThat(file(node("file=a,aio=threads")).text("aio")).contains("threads");
    assertThat(node("file=a,driver=file,aio=threads").text("aio")).contains("threads");
  }

  @Test
  void deviceKeysAreTyped() throws Exception {
    DriveDevice device =
        parse("file=a,if=ide,bus=1,unit=0,id=d0,media=cdrom,rerror=stop,werror=ignore").device();
    assertThat(device)
        .isEqualTo(
            new DriveDevice(
                Optional.of("d0"),
                Optional.of(DriveInterface.IDE),
                OptionalInt.of(1),
                OptionalInt.of(0),
                OptionalInt.empty(),
                DriveMedia.CDROM,
                ErrorAction.STOP,
                ErrorAction.IGNORE));
  }

  @Test
  void deviceDefaultsAreQemus() throws Exception {
    DriveSpec drive = parse("file=a");
    assertThat(drive.device()).isEqualTo(DriveDevice.DISK);
    assertThat(drive.snapshot()).isFalse();
    assertThat(drive.node().text("auto-read-only")).contains("on");
  }

  @Test
  void cdromIsReadOnly() throws Exception {
    assertThat(node("file=a,media=cdrom,read-only=off").text("read-only")).contains("on");
    assertThat(node("file=a,media=cdrom,force-share=on").text("read-only")).contains("on");
  }

  @Test
  void readonlyIsReadOnly() throws Exception {
    assertThat(node("file=a,readonly=on")).isEqualTo(node("file=a,read-only=on"));
  }

  @Test
  void shortFormsAreFlagsAndDeprecated() throws Exception {
    ParsedDrive parsed = new DriveParser(drivers).parse("file=a,format=qcow2,nolazy-refcounts");
    assertThat(parsed.drive().node().text("lazy-refcounts")).contains("off");
    assertThat(parsed.warnings())
        .extracting(OptionWarning::toString)
        .containsExactly(
            "short-form boolean option 'nolazy-refcounts' deprecated. "
                + "Please use lazy-refcounts=off instead");
  }

  @Test
  void lastOfRepeatedKeysCountsAndIsWarnedAbout() throws Exception {
    ParsedDrive parsed = new DriveParser(drivers).parse("file=a,driver=qcow2,driver=raw");
    assertThat(parsed.drive().node().driver()).contains("raw");
    assertThat(parsed.warnings())
        .extracting(OptionWarning::toString)
        .containsExactly("'driver' is given more than once. The last one counts");
  }

  @Test
  void firstOfRepeatedIdsCounts() throws Exception {
    assertThat(parse("file=a,id=one,id=two").device().id()).contains("one");
  }

  @Test
  void protocolDriverTakesFileNameItself() throws Exception {
    assertThat(node("file=a,driver=file").text("filename")).contains("a");
    assertThat(node("file=a,driver=file").children()).isEmpty();
  }

  @Test
  void formatBelowFormatLeavesFileNameToLowestNode() throws Exception {
    NodeSpec node = node("file=a,driver=qcow2,file.driver=raw");
    assertThat(file(node)).isEqualTo(NodeSpec.of("raw").withChild("file", NodeSpec.file("a")));
  }

  @Test
  void fileProtocolIsDropped() throws Exception {
    assertThat(node("file=file:a.qcow2")).isEqualTo(node("file=a.qcow2"));
  }

  @Test
  void pathWithColonAfterSlashIsPath() throws Exception {
    assertThat(file(node("file=./a:b")).text("filename")).contains("./a:b");
    assertThat(file(node("file=C:\\disk.img")).text("filename")).contains("C:\\disk.img");
    assertThat(file(node("file.filename=json:a")).text("filename")).contains("json:a");
  }

  @Test
  void jsonFileNameSaysEverythingAndGivesWayToKeys() throws Exception {
    NodeSpec node =
        node(
            "file=json:{\"driver\":\"raw\",,\"backing\":null,,\"l2-cache-size\":1048576,,"
                + "\"file\":{\"filename\":\"a,,b\",,\"locking\":\"off\"}},driver=qcow2");
    assertThat(node.driver()).contains("qcow2");
    assertThat(node.text("l2-cache-size")).contains("1048576");
    assertThat(node.child("backing")).contains(new ChildSpec.None());
    assertThat(file(node)).isEqualTo(NodeSpec.file("a,b").with("locking", "off"));
  }

  @Test
  void dottedKeysInJsonAreTree() throws Exception {
    assertThat(node("file=json:{\"file.filename\":\"a\"}")).isEqualTo(node("file=a"));
  }

  @Test
  void copyOnReadOfReadOnlyDriveIsDroppedWithWarning() throws Exception {
    ParsedDrive parsed = new DriveParser(drivers).parse("file=a,copy-on-read=on,read-only=on");
    assertThat(parsed.warnings())
        .extracting(OptionWarning::message)
        .containsExactly("disabling copy-on-read on read-only drive");
    assertThat(parsed.drive().copyOnRead()).isFalse();
  }

  @Test
  void copyOnReadIsTyped() throws Exception {
    assertThat(parse("file=a,copy-on-read=on").copyOnRead()).isTrue();
    assertThat(parse("file=a").copyOnRead()).isFalse();
  }

  @Test
  void snapshotIsTyped() throws Exception {
    assertThat(parse("file=a,snapshot=on").snapshot()).isTrue();
  }
}
