"""Small real files for tests: an MSI package with a Property table ([MS-CFB] 2), a program with a version resource."""

from __future__ import annotations

import struct

END, FREE, FAT_SECTOR, NO_ENTRY = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF


def msi_file(properties: dict[str, str]) -> bytes:
    """An MSI database whose only table of its own is Property."""
    from pymsi.streamname import encode_unicode

    strings: list[str] = []

    def number(text: str) -> int:
        if text not in strings:
            strings.append(text)
        return strings.index(text) + 1

    columns = [("Property", 1, "Property", 0x2D48), ("Property", 2, "Value", 0x0F00)]
    tables = struct.pack("<H", number("Property"))
    by_column = [
        [number(table) for table, _, _, _ in columns],
        [at ^ 0x8000 for _, at, _, _ in columns],
        [number(name) for _, _, name, _ in columns],
        [kind ^ 0x8000 for _, _, _, kind in columns],
    ]
    described = b"".join(struct.pack(f"<{len(values)}H", *values) for values in by_column)
    rows = [[number(name) for name in properties], [number(value) for value in properties.values()]]
    values = b"".join(struct.pack(f"<{len(row)}H", *row) for row in rows)
    data = b"".join(text.encode() for text in strings)
    pool = struct.pack("<I", 65001) + b"".join(struct.pack("<HH", len(text.encode()), 1) for text in strings)
    code_page = struct.pack("<IIII", 24, 1, 1, 16) + struct.pack("<IHH", 2, 1252, 0)
    summary = struct.pack("<HHI16xI", 0xFFFE, 0, 2, 1)
    summary += bytes.fromhex("E0859FF2F94F6810AB9108002B27B3D9") + struct.pack("<I", 48) + code_page
    return compound_file(
        {
            "\x05SummaryInformation": summary,
            encode_unicode("_StringPool", True): pool,
            encode_unicode("_StringData", True): data,
            encode_unicode("_Tables", True): tables,
            encode_unicode("_Columns", True): described,
            encode_unicode("Property", True): values,
        }
    )


def compound_file(streams: dict[str, bytes]) -> bytes:
    """Streams under 4096 bytes, all of them in the mini stream."""
    mini, mini_fat, entries = b"", list[int](), list[bytes]()
    for index, (name, data) in enumerate(streams.items()):
        first = len(mini_fat)
        blocks = -(-len(data) // 64)
        mini += data.ljust(blocks * 64, b"\0")
        mini_fat += [*range(first + 1, first + blocks), END]
        following = index + 2 if index + 1 < len(streams) else NO_ENTRY
        entries.append(_entry(name, 2, following, NO_ENTRY, first, len(data)))
    mini = mini.ljust(-(-len(mini) // 512) * 512, b"\0")
    directory_sectors = -(-(len(entries) + 1) // 4)
    mini_sectors = len(mini) // 512
    fat = [FAT_SECTOR, *_chain(1, directory_sectors), END]
    mini_fat_sector = 1 + directory_sectors
    fat += _chain(mini_fat_sector + 1, mini_sectors)
    root = _entry("Root Entry", 5, NO_ENTRY, 1, mini_fat_sector + 1, len(mini))
    directory = b"".join([root, *entries]).ljust(directory_sectors * 512, b"\0")
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, mini_fat_sector, 1, END, 0)
    head += struct.pack("<109I", 0, *[FREE] * 108)
    return head + _numbers(fat) + directory + _numbers(mini_fat) + mini


def _chain(first: int, count: int) -> list[int]:
    return [*range(first + 1, first + count), END]


def _numbers(values: list[int]) -> bytes:
    return struct.pack("<128I", *values, *[FREE] * (128 - len(values)))


def _entry(name: str, kind: int, right: int, child: int, first: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, NO_ENTRY, right, child)
    return head + bytes(36) + struct.pack("<IQ", first, size)


def program_file(strings: dict[str, str]) -> bytes:
    """A PE program (x64, no code) whose only section is a resource directory with one version resource."""
    rva = 0x1000
    version = _version_resource(strings)
    tree = b"".join(
        struct.pack("<IIHHHHII", 0, 0, 0, 0, 0, 1, name, at)
        for name, at in ((16, 0x80000018), (1, 0x80000030), (0x409, 0x48))
    )
    tree += struct.pack("<IIII", rva + 0x58, len(version), 0, 0)
    section = (tree + version).ljust(-(-len(tree + version) // 512) * 512, b"\0")
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    header = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x22)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0, len(section), 0, 0, rva)
    optional += struct.pack("<QII", 0x140000000, 0x1000, 512) + struct.pack("<HHHHHH", 6, 0, 0, 0, 6, 0)
    optional += struct.pack("<IIIIHH", 0, rva + 0x1000, 512, 0, 3, 0) + struct.pack("<QQQQ", 1 << 20, 4096, 1 << 20, 4096)
    directories = [(0, 0), (0, 0), (rva, len(section)), *[(0, 0)] * 13]
    optional += struct.pack("<II", 0, 16) + b"".join(struct.pack("<II", *one) for one in directories)
    table = b".rsrc\0\0\0" + struct.pack("<IIIIIIHHI", len(section), rva, len(section), 512, 0, 0, 0, 0, 0x40000040)
    return (dos + header + optional + table).ljust(512, b"\0") + section


def _version_resource(strings: dict[str, str]) -> bytes:
    values = b"".join(_padded(_block(key, text.encode("utf-16-le") + b"\0\0", len(text) + 1)) for key, text in strings.items())
    table = _block("040904b0", b"", 0, values)
    fixed = struct.pack("<13I", 0xFEEF04BD, 0x10000, 0x10002, 0x30004, 0x10002, 0x30004, 0x3F, 0, 0x40004, 1, 0, 0, 0)
    return _block("VS_VERSION_INFO", fixed, len(fixed), _block("StringFileInfo", b"", 0, table), kind=0)


def _block(key: str, value: bytes, length: int, children: bytes = b"", kind: int = 1) -> bytes:
    head = _padded(bytes(6) + key.encode("utf-16-le") + b"\0\0")
    body = _padded(head + value) + children if children else head + value
    return struct.pack("<HHH", len(body), length, kind) + body[6:]


def _padded(data: bytes) -> bytes:
    return data.ljust(-(-len(data) // 4) * 4, b"\0")
