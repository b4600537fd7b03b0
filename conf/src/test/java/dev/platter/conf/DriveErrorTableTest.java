package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is said of each option string that is refused: the message, in which column (from 1) the
 * caret stands, and what was probably meant.
 */
class DriveErrorTableTest {
  private final FakeDrivers drivers = new FakeDrivers();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
"""
# keys that nobody knows
file=a,format=qcow2,l2-cahe-size=1M      | Block format 'qcow2' does not support the option 'l2-cahe-size' | 21 | l2-cache-size
file=a,format=qcow2,12-cache-size=1M     | Block format 'qcow2' does not support the option '12-cache-size' | 21 | l2-cache-size
file=a,format=qcow2,readonli=on          | Block format 'qcow2' does not support the option 'readonli' | 21 | readonly
file=a,format=qcow2,=3                   | Block format 'qcow2' does not support the option '' | 21 |
file=a,format=raw,l2-cache-size=1M       | Block format 'raw' does not support the option 'l2-cache-size' | 19 |
file=a,l2-cahe-size=1M                   | No block format supports the option 'l2-cahe-size' | 8 | l2-cache-size
file=a,file.lockin=off                   | Block protocol 'file' doesn't support the option 'lockin' | 8 | file.locking
file=a,fiel.locking=off                  | No block format supports the option 'fiel.locking' | 8 | file.locking
file=a,locking=on                        | No block format supports the option 'locking' | 8 | file.locking
file=a,format=qcow2,lokcing=on           | Block format 'qcow2' does not support the option 'lokcing' | 21 | file.locking
file=a,backing.driver=qcow2,backing.locking=off | Could not open backing file: Block format 'qcow2' does not support the option 'locking' | 29 | backing.file.locking
file=a,data-file=n0                      | not supported yet: data-file | 8 |
file=a,format=qcow2,data-file.filename=x | not supported yet: data-file | 21 |
file=a,overlap-check=none,overlap-check.template=all | one of them is enough | 8 |
file=a,serial=1                          | No block format supports the option 'serial' | 8 |
file=a,format=qcow2,bps_max_length=2     | Block format 'qcow2' does not support the option 'bps_max_length' | 21 |
file=a,backing.driver=qcow2,backing.lazy-refcount=on | Could not open backing file: Block format 'qcow2' does not support the option 'lazy-refcount' | 29 | backing.lazy-refcounts
file=a,format=raw,backing.driver=qcow2   | Driver doesn't support backing files | 19 |
# a comma in a path
file=my,file.qcow2                       | Block protocol 'file' doesn't support the option 'qcow2' | 9 | file=my,,file.qcow2
file=my disk,b.qcow2,format=qcow2        | Block format 'qcow2' does not support the option 'b.qcow2' | 14 | file=my disk,,b.qcow2
driver=qcow2,file.filename=my,file.qcow2 | Block protocol 'file' doesn't support the option 'qcow2' | 31 | file.filename=my,,file.qcow2
c.qcow2                                  | No block format supports the option 'c.qcow2' | 1 | file=c.qcow2
json:{"driver":"raw"}                    | No block format supports the option 'json:{"driver":"raw"}' | 1 | file=json:{"driver":"raw"}
# files and drivers
if=none,l2-cache-size=1M                 | Must specify either driver or file | 1 |
if=none,filename=a                       | Must specify either driver or file | 9 |
if=none                                  | Device needs media, but drive is empty | 1 |
if=none,read-only=on,detect-zeroes=on    | Device needs media, but drive is empty | 1 |
file=,if=none                            | Device needs media, but drive is empty | 1 |
driver=qcow2                             | A block device must be specified for "file" | 1 |
driver=qcow2,backing.driver=qcow2        | A block device must be specified for "file" | 1 |
file=a,file.filename=b                   | Can't specify 'file' and 'filename' options at the same time | 8 |
file=a,driver=file,filename=b            | Can't specify 'file' and 'filename' options at the same time | 20 |
file=a,format=qcow3                      | Unknown driver 'qcow3' | 15 | qcow2
file=a,driver=qcow3                      | Unknown driver 'qcow3' | 15 | qcow2
file=a,format=                           | Unknown driver '' | 15 |
file=a,format=qcow2,driver=qcow2         | Cannot specify both 'driver' and 'format' | 21 |
file=a,backing.driver=qcow3              | Could not open backing file: Unknown driver 'qcow3' | 23 | qcow2
file=nbdx:foo                            | Unknown protocol 'nbdx' | 6 | file=./nbdx:foo
file=a,,b:c                              | Unknown protocol 'a,b' | 6 | file=./a,,b:c
file=a,backing=n0,backing.driver=qcow2   | Could not open backing file: Cannot reference an existing block device with additional options or a new filename | 16 |
driver=raw,file.driver=raw,file.file=    | Cannot find device='' nor node-name='' | 38 |
# json:
file=json:{                              | Could not parse the JSON options: JSON parse error, premature EOI | 12 |
file=json:[]                             | Invalid JSON object given | 11 |
file=json:                               | Could not parse the JSON options: Expecting a JSON value | 11 |
file=json:{"driver":"qcow3"}             | Unknown driver 'qcow3' | 21 | qcow2
file=json:{"driver" "raw"}               | Could not parse the JSON options: JSON parse error, missing : in object pair | 21 |
file=json:{"driver":tru}                 | Could not parse the JSON options: JSON parse error, invalid keyword 'tru' | 21 |
file=json:{"driver":"raw"} x             | Could not parse the JSON options: JSON parse error, invalid keyword 'x' | 28 |
file=json:{"driver":"raw",,"driver":"raw"} | Could not parse the JSON options: JSON parse error, duplicate key | 28 |
file=json:{"driver":"raw"}               | A block device must be specified for "file" | 1 |
file=json:{"driver":"qcow2",,"l2-cache-size":1.5,,"file":{"filename":"a"}} | Could not parse the JSON options: Invalid parameter type for 'l2-cache-size', expected: integer | 46 |
file=json:{"driver":"qcow2",,"l2-cahe-size":1,,"file":{"filename":"a"}} | Block format 'qcow2' does not support the option 'l2-cahe-size' | 30 | l2-cache-size
file=json:{"driver":"qcow2",,"file":null} | Invalid parameter type for 'file', expected: BlockdevRef | 37 |
# sizes, numbers, flags
file=a,format=qcow2,l2-cache-size=       | Parameter 'l2-cache-size' expects a non-negative number below 2^64 | 35 |
file=a,format=qcow2,l2-cache-size=1.5    | Parameter 'l2-cache-size' expects a non-negative number below 2^64 | 35 |
file=a,format=qcow2,l2-cache-size=1MiB   | Parameter 'l2-cache-size' expects a non-negative number below 2^64 | 35 |
file=a,format=qcow2,l2-cache-size=1e6    | Parameter 'l2-cache-size' expects a non-negative number below 2^64 | 35 |
file=a,format=qcow2,l2-cache-size=-1     | Parameter 'l2-cache-size' expects a non-negative number below 2^64 | 35 |
file=a,format=qcow2,l2-cache-size=0x1.8M | Parameter 'l2-cache-size' expects a non-negative number below 2^64 | 35 |
file=a,format=qcow2,l2-cache-size=16E    | Value '16E' is out of range for parameter 'l2-cache-size' | 35 |
file=a,l2-cache-size=1X                  | Parameter 'l2-cache-size' expects a non-negative number below 2^64 | 22 |
file=a,format=qcow2,cache-clean-interval=x  | Parameter 'cache-clean-interval' expects a number | 42 |
file=a,format=qcow2,cache-clean-interval=-1 | Cache clean interval too big | 42 |
file=a,format=qcow2,cache-clean-interval=4294967296 | Cache clean interval too big | 42 |
file=a,format=qcow2,lazy-refcounts=maybe | Parameter 'lazy-refcounts' expects 'on' or 'off' | 36 |
file=a,format=qcow2,lazy-refcounts=ON    | Parameter 'lazy-refcounts' expects 'on' or 'off' | 36 |
file=a,read-only=onn                     | Parameter 'read-only' expects 'on' or 'off' | 18 | on
file=a,snapshot=foo                      | Parameter 'snapshot' expects 'on' or 'off' | 17 |
file=a,copy-on-read=foo                  | Parameter 'copy-on-read' expects 'on' or 'off' | 21 |
file=a,cache=none,cache.direct=maybe     | Parameter 'cache.direct' expects 'on' or 'off' | 32 |
file=a,format=raw,size=1M,whole=on       | 'size' and 'whole' cannot be used at the same time | 19 |
# the device
file=a,if=foo                            | unsupported bus type 'foo' | 11 |
file=a,if=virtoi                         | unsupported bus type 'virtoi' | 11 | virtio
file=a,bus=1x                            | Parameter 'bus' expects a number | 12 |
file=a,index=0,bus=1                     | index cannot be used with bus and unit | 8 |
file=a,if=ide,unit=2                     | unit 2 too big (max is 1) | 20 |
file=a,if=scsi,unit=7                    | unit 7 too big (max is 6) | 21 |
file=a,media=tape                        | 'tape' invalid media | 14 |
file=a,index=0,unit=0                    | index cannot be used with bus and unit | 8 |
file=a,id=n,node-name=n                  | Device name 'n' conflicts with an existing node name | 11 |
file=a,id=f,file.node-name=f             | Device name 'f' conflicts with an existing node name | 11 |
file=a,id=1a                             | Parameter 'id' expects an identifier | 11 |
file=a,id=                               | Parameter 'id' expects an identifier | 11 |
file=a,node-name=1bad                    | Invalid node-name: '1bad' | 18 |
file=a,node-name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | Node name too long | 18 |
file=a,rerror=enospc                     | 'enospc' invalid read error action | 15 |
file=a,rerror=foo                        | 'foo' invalid read error action | 15 |
file=a,werror=foo                        | 'foo' invalid write error action | 15 |
file=a,if=floppy,werror=stop             | werror is not supported by this bus type | 18 |
# generic options
file=a,cache=foo                         | invalid cache option | 14 |
file=a,cache=writback                    | invalid cache option | 14 | writeback
file=a,aio=foo                           | invalid aio option | 12 |
file=a,aio=native                        | aio=native was specified, but it requires cache.direct=on, which was not specified. | 12 |
file=a,aio=native,cache=none             | not supported yet: aio=native | 12 |
file=a,aio=io_uring                      | not supported yet: aio=io_uring | 12 |
file=a,file.aio=io_uring                 | not supported yet: aio=io_uring | 17 |
file=a,discard=foo                       | Invalid discard option | 16 |
file=a,discard=unmpa                     | Invalid discard option | 16 | unmap
file=a,detect-zeroes=foo                 | invalid parameter value: foo | 22 |
file=a,read-only=on,readonly=on          | 'read-only' and its alias 'readonly' can't be used at the same time | 21 |
file=a,force-share=on                    | force-share=on can only be used with read-only images | 8 |
file=a,stats-account-invalid=foo         | Parameter 'stats-account-invalid' expects 'on' or 'off' | 30 |
file=a,stats-account-failed=off          | not supported yet: stats-account-failed=off | 29 |
file=a,stats-intervals.0=0               | Invalid interval length: 0 | 26 |
file=a,stats-intervals.0=60              | not supported yet: stats-intervals.0=60 | 26 |
# throttling
file=a,bps=1M                            | Parameter 'throttling.bps-total' expects a number | 12 |
file=a,bps=1,bps_rd=1                    | bps/iops/max total values and read/write values cannot be used at the same time | 8 |
file=a,iops=2,iops_max=4,iops_wr_max=4   | bps/iops/max total values and read/write values cannot be used at the same time | 15 |
file=a,bps=1,throttling.bps-total=1      | 'throttling.bps-total' and its alias 'bps' can't be used at the same time | 14 |
file=a,iops_size=4096                    | iops size requires an iops value to be set | 8 |
file=a,bps=1000000000000001              | bps/iops/max values must be within [0, 1000000000000000] | 12 |
file=a,bps=-1                            | bps/iops/max values must be within [0, 1000000000000000] | 12 |
file=a,bps_max=4096                      | bps_max/iops_max require corresponding bps/iops values | 8 |
file=a,bps=4096,bps_max=1                | bps_max/iops_max cannot be lower than bps/iops | 17 |
file=a,throttling.bps-total=4096,throttling.bps-total-max-length=2 | burst length set without burst rate | 34 |
file=a,bps=4096,bps_max=8192,throttling.bps-total-max-length=0 | the burst length cannot be 0 | 30 |
file=a,bps=4096,bps_max=8192,throttling.bps-total-max-length=999999999999 | burst length too high for this burst rate | 30 |
""")
  void refusal(String input, String message, int column, String suggestion) {
    DriveSyntaxException refusal =
        catchThrowableOfType(DriveSyntaxException.class, () -> DriveSpec.parse(input, drivers));
    assertThat(refusal).as("refusal of %s", input).isNotNull();
    LocatedProblem problem = refusal.located().getFirst();
    assertThat(problem.problem().message()).isEqualTo(message);
    assertThat(problem.start() + 1).as("column").isEqualTo(column);
    assertThat(problem.problem().suggestion().orElse(null)).isEqualTo(suggestion);
    assertThat(refusal.located()).as("nothing else is wrong").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
"""
driver=raw,file.driver=file,file.filename=a              | 'node-name' must be specified for the root node | 1 |
node-name=n                                              | Parameter 'driver' is missing | 1 |
driver=qcow2,node-name=n                                 | Parameter 'file' is missing | 1 |
driver=qcow2,node-name=n,file.filename=a                 | Parameter 'file.driver' is missing | 26 |
driver=qcow3,node-name=n                                 | Parameter 'driver' does not accept value 'qcow3' | 8 | qcow2
raw,node-name=n,foo=1,file.driver=file,file.filename=a   | Parameter 'foo' is unexpected | 17 |
raw,node-name=n,file.driver=file,file.lockng=1,file.filename=a | Parameter 'file.lockng' is unexpected | 34 | file.locking
qcow2,node-name=n,file=f,l2-cache-size=1M                | Parameter 'l2-cache-size' expects integer | 40 | 1048576
qcow2,node-name=n,file=f,lazy-refcounts=maybe            | Parameter 'lazy-refcounts' expects 'on' or 'off' | 41 |
qcow2,node-name=n,file=f,read-only                       | Expected '=' after parameter 'read-only' | 26 |
qcow2,node-name=n,file=f,=3                              | Invalid parameter '' | 26 |
qcow2,node-name=n,file=f,a..b=3                          | Invalid parameter 'a..b' | 26 |
qcow2,node-name=n,file=f,a!b=3                           | Invalid parameter 'a!b' | 26 |
qcow2,node-name=n,file=f,file.driver=file                | Parameters 'file.*' used inconsistently | 24 |
qcow2,node-name=n,file=f,detect-zeroes=foo               | Parameter 'detect-zeroes' does not accept value 'foo' | 40 |
qcow2,node-name=n,file=f,detect-zeroes=unmap             | setting detect-zeroes to unmap is not allowed without setting discard operation to unmap | 40 |
{"driver":"qcow2","node-name":"n","file":"f","l2-cache-size":"1M"} | Invalid parameter type for 'l2-cache-size', expected: integer | 62 | 1048576
{"driver":"qcow2","node-name":"n","file":"f","l2-cache-size":1.5}  | Invalid parameter type for 'l2-cache-size', expected: integer | 62 |
{"driver":"qcow2","node-name":"n","file":"f","lazy-refcounts":"on"} | Invalid parameter type for 'lazy-refcounts', expected: boolean | 63 |
{"driver":"qcow2","node-name":"n","file":"f","l2-cache-size":null} | Invalid parameter type for 'l2-cache-size', expected: integer | 62 |
{"driver":"qcow2","node-name":"n","file":"f","bogus":"on"} | Parameter 'bogus' is unexpected | 46 |
{"driver":"raw","node-name":"n","file":{"driver":"file","bogus":3}} | Parameter 'file.bogus' is unexpected | 57 |
{"driver":"raw","node-name":3,"file":"f"}                | Invalid parameter type for 'node-name', expected: string | 29 |
{"driver":"raw","node-name":"n","file":null}             | Invalid parameter type for 'file', expected: BlockdevRef | 40 |
{"driver":"raw","node-name":"n","file":7}                | Invalid parameter type for 'file', expected: BlockdevRef | 40 |
{"driver":"raw",                                         | JSON parse error, premature EOI | 17 |
{"driver" "raw"}                                         | JSON parse error, missing : in object pair | 11 |
{"driver":"raw","driver":"raw"}                          | JSON parse error, duplicate key | 17 |
{"driver":"a\\x"}                                        | JSON parse error, invalid escape sequence in string | 14 |
{driver:"raw"}                                           | JSON parse error, expecting a key in quotes | 2 |
""")
  void refusalOfBlockdev(String input, String message, int column, String suggestion) {
    DriveSyntaxException refusal =
        catchThrowableOfType(DriveSyntaxException.class, () -> Blockdev.parse(input, drivers));
    assertThat(refusal).as("refusal of %s", input).isNotNull();
    LocatedProblem problem = refusal.located().getFirst();
    assertThat(problem.problem().message()).isEqualTo(message);
    assertThat(problem.start() + 1).as("column").isEqualTo(column);
    assertThat(problem.problem().suggestion().orElse(null)).isEqualTo(suggestion);
    assertThat(refusal.located()).as("nothing else is wrong").hasSize(1);
  }
}
