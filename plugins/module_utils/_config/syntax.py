# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line of an sshd_config: its keyword and its arguments, as servconf.c and argv_split() take them apart."""

import re
from typing import List, NamedTuple, Optional, Sequence, Tuple

BLANKS = " \t\r\n"
PLAIN = re.compile(r"[^ \t\"'\\]+")


class Line(NamedTuple):
    """A line's ``keyword`` in lower case, and its ``arguments``; both empty where sshd sees nothing or can't read on."""

    keyword: str
    arguments: List[str]


def lines(text: str) -> List[str]:
    """Return the lines of ``text`` without their line feeds: sshd ends a line at a line feed and nowhere else."""
    return text.split("\n")


def parse(line: str) -> Line:
    """Take ``line`` apart."""
    keyword, rest = _begun(line)
    arguments = None if keyword.startswith("#") else _arguments(rest)
    return Line("", []) if not keyword or arguments is None else Line(keyword.lower(), arguments)


def arguments_before_8_7(line: str) -> List[str]:
    """Return the arguments of ``line`` as OpenSSH before 8.7 takes them apart: each of them as a keyword."""
    arguments: List[str] = []
    rest = _begun(line)[1]
    while rest and not rest.startswith("#"):
        argument, rest = _keyword(rest)
        arguments.append(argument)
    return arguments


def _begun(line: str) -> Tuple[str, str]:
    """Split ``line`` after its keyword."""
    keyword, rest = _keyword(line.rstrip(BLANKS + "\f").lstrip(BLANKS))
    return (keyword, rest) if keyword else _keyword(rest)  # an "=" or empty quotes may stand before it


def _keyword(text: str) -> Tuple[str, str]:
    """Split ``text`` after its keyword, as strdelim() of misc.c: one ``=`` may follow, quotes may enclose it."""
    for at, char in enumerate(text):
        if char == '"':
            closing = text.find('"', at + 1)
            return ("", "") if closing < 0 else (text[:at] + text[at + 1:closing], text[closing + 1:].lstrip(BLANKS))
        if char == "=":
            return text[:at], text[at + 1:].lstrip(BLANKS)
        if char in BLANKS:
            rest = text[at:].lstrip(BLANKS)
            return text[:at], rest[1:].lstrip(BLANKS) if rest.startswith("=") else rest
    return text, ""


def _arguments(text: str) -> Optional[List[str]]:
    """Split ``text`` into arguments, as argv_split() of misc.c up to a comment; None if a quote stays open."""
    if not re.search(r"[\"'\\]", text):
        words = re.findall(r"[^ \t]+", text)
        return words[: next((at for at, word in enumerate(words) if word.startswith("#")), len(words))]
    arguments: List[str] = []
    argument: Optional[List[str]] = None
    quote, at = "", 0
    while at < len(text):
        char, after = text[at], text[at + 1:at + 2]
        if argument is None and char == "#":
            break
        if not quote and char in " \t":
            if argument is not None:
                arguments.append("".join(argument))
            argument = None
            at += 1
            continue
        argument = [] if argument is None else argument
        plain = PLAIN.match(text, at)
        if plain:
            argument.append(plain.group())
            at = plain.end()
            continue
        if char == "\\" and after and (after in "'\"\\" or (after == " " and not quote)):
            argument.append(after)
            at += 1
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        else:
            argument.append(char)
        at += 1
    if argument is not None:
        arguments.append("".join(argument))
    return None if quote else arguments


def joined(arguments: Sequence[str]) -> str:
    """Return ``arguments`` as they are written on one line: what ``parse`` takes apart again."""
    return " ".join(
        '"%s"' % re.sub(r'(["\\])', r"\\\1", one) if not one or re.search(r"[ \t\"'\\#]", one) else one for one in arguments
    )
