package dev.platter.tools.img;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.graph.DriverRegistry;
import dev.platter.tools.Terminal;
import dev.platter.tools.Version;
import java.util.stream.Collectors;

/** What {@code img --help} prints. */
final class ImgHelp {
  private static final String COMMANDS =
      """
      usage: platter img COMMAND [options]
      Works on disk images, with the options, words and exit statuses of qemu-img.

      Commands:
        amend [--force] [-f fmt] [-t cache] [-p] [-q] -o options filename
        bench [-c count] [-d depth] [-f fmt] [--flush-interval=n] [-i aio] [-n] [--no-drain] [-o offset] [--pattern=byte] [-s size] [-S step | --random=seed] [-t cache] [-w] [-U] filename
        bitmap (--merge source | --add | --remove | --clear | --enable | --disable)... [-b source_file [-F source_fmt]] [-g granularity] [-f fmt] filename bitmap
        check [-q] [-f fmt] [--output=human|json] [-r leaks|all] [-T src_cache] [-U] filename
        commit [-b base] [-d] [-f fmt] [-p] [-q] [-r rate] [-t cache] filename
        compact [-f fmt] [--output=human|json] [-p] [-q] [-t cache] filename
        compare [-f fmt] [-F fmt] [-T src_cache] [-p] [-q] [-s] [-U] filename1 filename2
        convert [-c] [--bitmaps [--skip-broken-bitmaps]] [-n [--target-is-zero]] [-p] [-q] [-f fmt] [-t cache] [-T src_cache] [-O output_fmt] [-B backing_file -F backing_fmt] [-o options] [-S sparse_size] [-m workers] [-W] [-C] [-r rate_limit] [--salvage] [-U] filename [filename2 ...] output_filename
        create [-q] [-f fmt] [-b backing_file -F backing_fmt] [-u] [-o options] filename [size]
        dd [-f fmt] [-O output_fmt] [-U] [bs=block_size] [count=blocks] [skip=blocks] if=input of=output
        defragment [-f fmt] [--output=human|json] [-p] [-q] [--spare=bytes] [-t cache] filename
        info [-f fmt] [--output=human|json] [--backing-chain | --tree] [-U] filename
        map [-f fmt] [--start-offset=offset] [--max-length=length] [--output=human|json | --svg=file] [-U] filename
        measure [--output=human|json] [-O output_fmt] [-o options] [--size N | [-f fmt] [-l snapshot] [-U] filename]
        rebase [-b backing_file -F backing_fmt] [-f fmt] [-p] [-q] [-t cache] [-T src_cache] [-u] [-U] filename
        resize [-f fmt] [--preallocation=mode] [-q] [--shrink] filename [+|-]size
        snapshot [-l | -a snapshot | -c snapshot | -d snapshot] [-q] [-U] filename


      Everywhere:
        --image-opts     filename is an option string: driver=qcow2,file.filename=a.qcow2,l2-cache-size=4M;
                         with backing.file.filename=base.raw, the backing file is this one
        -f fmt           the image's format; found by looking at the image if it is not given
        -o help          lists a format's options, for create, convert and amend
        -t, -T cache     writeback, none, writethrough, directsync or unsafe
        --gate policy    which files an image may name: default (backing files by plain paths), beside (and
                         data files in the image's folder), strict=DIR:DIR (backing files in these folders),
                         strict (none) or off (all); without it, the site's
        -U               share the image with a program that writes to it
        size, offset     bytes, or with a suffix k, M, G, T, P or E, as powers of 1024
        --debug          as the first option shows where a failure comes from
      """;

  private ImgHelp() {}

  static void print(Terminal terminal) {
    terminal.out().println(Version.of("qemu-img"));
    terminal.out().println(COMMANDS);
    terminal
        .out()
        .println(
            DriverRegistry.discover().all().stream()
                .map(BlockDriverProvider::name)
                .collect(Collectors.joining(" ", "Supported formats: ", "")));
  }
}
