"""What a text file is before its rows are read: packed or not, its encoding, and what stands between its cells."""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import zlib
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, NoReturn, TextIO, cast

from chatrec_env.catalog.checks import reason
from chatrec_env.errors import MismatchError

GZIP: Final = b"\x1f\x8b"
_BLOCK: Final = 1 << 20
_SAMPLE: Final = 40
"""Lines that the separator is told from."""

_FILES: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive", "save its sheet as CSV, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save its sheet as CSV"),
    (b"PAR1", "a Parquet file", "name it .parquet"),
    (b"BZh", "a file packed with bzip2", "unpack it with bunzip2"),
    (b"\xfd7zXZ", "a file packed with xz", "unpack it with unxz"),
    (b"\x28\xb5\x2f\xfd", "a file packed with zstd", "unpack it with unzstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it"),
    (b"SQLite format 3\x00", "an SQLite database", "export its table as CSV"),
    (b"%PDF", "a PDF document", "save the table as CSV"),
    (b"\x89PNG", "a picture", "save the table as CSV"),
)
"""How files that are no text begin, what they are, and what can be done."""

_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_PAGES: Final = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256"),
    *("shift_jis", "gb18030", "euc_kr", "big5"),
)
"""Encodings that spreadsheets save in; of those that fit equally well, the first counts."""

NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What may stand between cells."""

_NAME_OF: Final = {"cp1252": "Windows-1252 (Latin-1)", "utf-16": "UTF-16", "utf-32": "UTF-32"}
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")
_GUESSED: Final = 400
"""Lines that an encoding is guessed from, of those that are not plain ASCII."""


class TextFormat(NamedTuple):
    """How a text file is to be read."""

    encoding: str = "utf-8-sig"
    separator: str = ","
    packed: bool = False  # with gzip
    skipped: int = 0  # lines before the header: spreadsheets write "sep=;" there

    @property
    def told(self) -> list[str]:
        """What is out of the ordinary, for people."""
        name = _NAME_OF.get(self.encoding, self.encoding)
        guess = "" if self.encoding.startswith("utf") else ", a guess; if letters are wrong, save it as UTF-8"
        out = ["packed with gzip"] if self.packed else []
        out += [] if self.encoding == "utf-8-sig" else [f"text in {name}{guess}"]
        return out + ([] if self.separator == "," else [f"{NAMES[self.separator]} between the cells"])


def text_format(path: Path) -> TextFormat:
    """Finds out how a text file is to be read. Plain UTF-8 with commas needs no guess.

    Raises:
        CatalogError: It cannot be read, or is no text: says what it is.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        _refuse_others(path, head)
        packed = head.startswith(GZIP)
        encoding = _encoding(path, packed)
        with open_text(path, TextFormat(encoding, packed=packed)) as text:
            lines = [line for line, _ in zip(text, range(_SAMPLE), strict=False)]
    except OSError as error:
        raise MismatchError(path, "a readable CSV file", reason(error)) from None
    except (EOFError, zlib.error) as error:
        raise MismatchError(path, "a whole gzip file", str(error).rstrip(".").lower()) from None
    except UnicodeError:
        refuse_text(path, TextFormat(encoding, packed=packed))
    separator, skipped = _separator(lines)
    return TextFormat(encoding, separator, packed, skipped)


def open_bytes(path: Path, *, packed: bool) -> BinaryIO:
    """The bytes of a file, unpacked."""
    return cast(BinaryIO, gzip.open(path)) if packed else path.open("rb")


def open_text(path: Path, form: TextFormat) -> TextIO:
    """The text of a file; line ends are left as they are."""
    if form.packed:
        return gzip.open(path, "rt", encoding=form.encoding, newline="")
    return path.open(encoding=form.encoding, newline="")


def _refuse_others(path: Path, head: bytes) -> None:
    for begins, what, remedy in _FILES:
        if head.startswith(begins):
            raise MismatchError(path, "a table of text (CSV)", f"{what}; {remedy}")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise MismatchError(path, "a table of text (CSV)", "a page of HTML or XML; save the table as CSV")
    if re.match(rb"\[?\s*\{\s*\"", text):
        raise MismatchError(
            path, "a table of text (CSV)", "JSON; write it as CSV (pandas: read_json, to_csv)"
        )


def _encoding(path: Path, packed: bool) -> str:
    """The encoding of the whole file; UTF-8 wherever that fits."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    with open_bytes(path, packed=packed) as file:
        block = file.read(_BLOCK)
        if name := next((name for mark, name in _MARKS if block.startswith(mark)), "") or _unmarked(block):
            return name
        try:
            while block:
                decoder.decode(block)
                block = file.read(_BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            return _guess(file)
    return "utf-8-sig"


def _unmarked(block: bytes) -> str:
    """UTF-16 without its mark: every other byte of plain letters is 0."""
    first, second = block[:4096:2].count(0), block[1:4096:2].count(0)
    if max(first, second) <= max(4 * min(first, second), len(block[:4096]) // 8):
        return ""
    return "utf-16-le" if second > first else "utf-16-be"


def _guess(file: BinaryIO) -> str:
    """The encoding of text that is not UTF-8 throughout; UTF-8 where most of it is, so that the rest is damage."""
    import charset_normalizer

    sample = b"".join(line for line, _ in zip(filter(_NOT_ASCII.search, file), range(_GUESSED), strict=False))
    read = sample.decode("utf-8", "surrogateescape")
    damaged = sum("\udc80" <= char <= "\udcff" for char in read)
    if sum(char > "\x7f" for char in read) - damaged > damaged / 2:
        return "utf-8-sig"
    found = list(charset_normalizer.from_bytes(sample, cp_isolation=list(_PAGES)))
    if not found:
        return _PAGES[0]
    best = min((match.chaos, -match.coherence) for match in found)
    fits = {name for m in found if (m.chaos, -m.coherence) == best for name in m.could_be_from_charset}
    return next((page for page in _PAGES if page in fits), found[0].encoding)


def _separator(lines: list[str]) -> tuple[str, int]:
    """What stands between the cells, and how many lines come before the header."""
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    header = lines[first] if lines else ""
    if declared := re.match(r"\ufeff?\"?sep=(.)\"?\s*$", header, re.IGNORECASE):
        return (declared[1] if declared[1] in NAMES else ","), first + 1
    present = [separator for separator in NAMES if separator in header]
    if len(present) < 2:
        return (present or [","])[0], 0
    import clevercsv

    try:
        found = clevercsv.Sniffer().sniff("".join(lines[first:]), delimiters="".join(present))
    except clevercsv.Error:
        found = None
    if found is None or found.delimiter not in present:
        return max(present, key=header.count), 0  # most cells in the header
    return found.delimiter, 0


def _cells(line: str) -> list[str]:
    """The cells of a line; where it is no CSV, the line as the only one."""
    try:
        return next(csv.reader([line]), []) or [line]
    except csv.Error:
        return [line]


def refuse_text(path: Path, form: TextFormat) -> NoReturn:
    """Raises the error of bytes that are none of the encoding; of UTF-8 with the line and column of the first.

    Raises:
        CatalogError: Always.
    """
    if form.encoding != "utf-8-sig":
        name = _NAME_OF.get(form.encoding, form.encoding)
        raise MismatchError(path, f"{name} text", "bytes that are none; save the file as UTF-8")
    header: list[str] = []
    with open_bytes(path, packed=form.packed) as file:
        for line, data in enumerate(file, 1):
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                before = _cells(data[: error.start].decode("utf-8", "replace"))
                header = header or _cells(data.decode("utf-8", "replace"))
                column = header[min(max(len(before), 1), len(header)) - 1].strip()
                came = f"byte 0x{data[error.start]:02x}; save the file as UTF-8"
                raise MismatchError(path, "UTF-8 text", came, line, column) from None
            header = header or _cells(text)
    raise MismatchError(path, "UTF-8 text", "a file that changed while it was read")
