#!/usr/bin/env python3
"""Write src/base/unicode_names.txt: every character name and alias "\\N{...}" knows, from the Unicode database of the
Python that runs this script (3.14: Unicode 16) and, for the aliases it cannot enumerate, a NameAliases.txt.

usage: python3.14 tools/unicode_names_collect.py NameAliases.txt src/base/unicode_names.txt
Run by hand when the Unicode version changes; the result is kept in git.

A line is "HEX NAME", sorted by code point. Runs of names that end in their own number in hex are one line
"HEX..HEX PREFIX-"; Hangul syllables are computed.
"""
import sys
import unicodedata


def main():
    aliases_path, out_path = sys.argv[1:]
    lines, run = [], None
    count = 0

    def close():
        nonlocal run
        if run:
            first, last, prefix = run
            lines.append(f"{first:04X}..{last:04X} {prefix}")
            run = None

    for cp in range(0x110000):
        name = unicodedata.name(chr(cp), None)
        if name is None or name.startswith("HANGUL SYLLABLE "):
            close()
            continue
        count += 1
        suffix = f"-{cp:04X}"
        if name.endswith(suffix):
            prefix = name[: -len(suffix) + 1]
            if run and run[2] == prefix and run[1] == cp - 1:
                run[1] = cp
            else:
                close()
                run = [cp, cp, prefix]
            continue
        close()
        lines.append(f"{cp:04X} {name}")
    close()
    for line in open(aliases_path, encoding="utf-8"):
        fields = line.split("#")[0].strip().split(";")
        if len(fields) < 2:
            continue
        try:
            if unicodedata.lookup(fields[1]) == chr(int(fields[0], 16)):
                lines.append(f"{fields[0]} {fields[1]}")
        except KeyError:
            pass
    with open(out_path, "w", encoding="ascii") as out:
        out.write(f"# Unicode {unicodedata.unidata_version}; written by tools/unicode_names_collect.py\n")
        out.write("\n".join(lines) + "\n")


main()
