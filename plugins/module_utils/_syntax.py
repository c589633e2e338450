# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line of an sshd_config: its keyword and its arguments, as servconf.c and argv_split() take them apart."""

BLANKS = " \t\r\n"


def lines(text):
    """Return the lines of ``text`` without their line feeds: sshd ends a line at a line feed and nowhere else."""
    return text.split("\n")


def parse(line):
    """Return ``(keyword in lower case, [argument, …])``, or None where sshd sees nothing or can't read on."""
    keyword, rest = _keyword(line.rstrip(BLANKS + "\f").lstrip(BLANKS))
    if not keyword or keyword.startswith("#"):
        return None
    arguments = _arguments(rest)
    return None if arguments is None else (keyword.lower(), arguments)


def _keyword(text):
    """Split ``text`` after its keyword, as strdelim() of misc.c: one ``=`` may follow, quotes may enclose it."""
    for at, char in enumerate(text):
        if char == '"':
            closing = text.find('"', at + 1)
            return ("", "") if closing < 0 else (text[:at] + text[at + 1 : closing], text[closing + 1 :].lstrip(BLANKS))
        if char == "=":
            return text[:at], text[at + 1 :].lstrip(BLANKS)
        if char in BLANKS:
            rest = text[at:].lstrip(BLANKS)
            return text[:at], rest[1:].lstrip(BLANKS) if rest.startswith("=") else rest
    return text, ""


def _arguments(text):
    """Split ``text`` into words, as argv_split() of misc.c up to a comment; None if a quote stays open."""
    words, word, quote, at = [], None, "", 0
    while at < len(text):
        char, after = text[at], text[at + 1 : at + 2]
        if word is None and char == "#":
            break
        if not quote and char in " \t":
            if word is not None:
                words.append(word)
            word = None
        elif char == "\\" and after and (after in "'\"\\" or (after == " " and not quote)):
            word, at = (word or "") + after, at + 1
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            word, quote = word or "", char
        else:
            word = (word or "") + char
        at += 1
    if word is not None:
        words.append(word)
    return None if quote else words
