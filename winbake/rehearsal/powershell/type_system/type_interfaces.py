"""Which interfaces a type implements: the table of types (reflection over reference assemblies) does not say.

From the .NET Framework 4.8 reference pages. Only what a script can notice by `-is`, a parameter's type or enumeration
is listed; a type inherits the interfaces of its base.
"""

from __future__ import annotations

_NUMBER = (
    "System.IComparable System.IFormattable System.IConvertible System.IComparable`1[{0}] System.IEquatable`1[{0}]"
)
_C = "System.Collections."
_G = "System.Collections.Generic."
_LIST = f"{_C}IList {_C}ICollection {_C}IEnumerable"
_DICTIONARY = f"{_C}IDictionary {_C}ICollection {_C}IEnumerable"
_GENERIC_COLLECTION = f"{_G}ICollection`1[{{0}}] {_G}IEnumerable`1[{{0}}] {_C}IEnumerable"
_GENERIC_LIST = (
    f"{_G}IList`1[{{0}}] {_G}ICollection`1[{{0}}] {_G}IEnumerable`1[{{0}}] {_G}IReadOnlyList`1[{{0}}] "
    f"{_G}IReadOnlyCollection`1[{{0}}]"
)
_PAIR = f"{_G}KeyValuePair`2[TKey,TValue]"
_GENERIC_DICTIONARY = (
    f"{_G}IDictionary`2[TKey,TValue] {_G}ICollection`1[{_PAIR}] {_G}IEnumerable`1[{_PAIR}] "
    f"{_G}IReadOnlyDictionary`2[TKey,TValue] {_G}IReadOnlyCollection`1[{_PAIR}] {_DICTIONARY}"
)


def _numbers() -> dict[str, str]:
    names = (
        "Byte",
        "SByte",
        "Int16",
        "UInt16",
        "Int32",
        "UInt32",
        "Int64",
        "UInt64",
        "Single",
        "Double",
        "Decimal",
        "DateTime",
    )
    return {f"System.{name}": _NUMBER.format(f"System.{name}") for name in names}


ARRAY_INTERFACES = f"System.ICloneable {_LIST} {_C}IStructuralComparable {_C}IStructuralEquatable"
"""Of System.Array; a T[] has the generic list interfaces of T besides."""

INTERFACES: dict[str, str] = {
    **_numbers(),
    "System.Array": ARRAY_INTERFACES,
    "System.Enum": "System.IComparable System.IFormattable System.IConvertible",
    "System.String": (
        "System.IComparable System.ICloneable System.IConvertible System.Collections.IEnumerable "
        "System.IComparable`1[System.String] System.IEquatable`1[System.String] "
        "System.Collections.Generic.IEnumerable`1[System.Char]"
    ),
    "System.Boolean": (
        "System.IComparable System.IConvertible "
        "System.IComparable`1[System.Boolean] System.IEquatable`1[System.Boolean]"
    ),
    "System.Char": (
        "System.IComparable System.IConvertible System.IComparable`1[System.Char] System.IEquatable`1[System.Char]"
    ),
    "System.TimeSpan": (
        "System.IComparable System.IFormattable "
        "System.IComparable`1[System.TimeSpan] System.IEquatable`1[System.TimeSpan]"
    ),
    "System.DateTimeOffset": (
        "System.IComparable System.IFormattable System.IComparable`1[System.DateTimeOffset] "
        "System.IEquatable`1[System.DateTimeOffset]"
    ),
    "System.Guid": (
        "System.IFormattable System.IComparable System.IComparable`1[System.Guid] System.IEquatable`1[System.Guid]"
    ),
    "System.Version": (
        "System.ICloneable System.IComparable System.IComparable`1[System.Version] System.IEquatable`1[System.Version]"
    ),
    "System.Numerics.BigInteger": (
        "System.IFormattable System.IComparable System.IComparable`1[System.Numerics.BigInteger] "
        "System.IEquatable`1[System.Numerics.BigInteger]"
    ),
    "System.DBNull": "System.IConvertible",
    "System.Delegate": "System.ICloneable",
    "System.Globalization.CultureInfo": "System.ICloneable System.IFormatProvider",
    "System.Globalization.NumberFormatInfo": "System.ICloneable System.IFormatProvider",
    "System.Globalization.DateTimeFormatInfo": "System.ICloneable System.IFormatProvider",
    "System.StringComparer": (
        "System.Collections.IComparer System.Collections.IEqualityComparer "
        "System.Collections.Generic.IComparer`1[System.String] "
        "System.Collections.Generic.IEqualityComparer`1[System.String]"
    ),
    "System.Collections.Comparer": "System.Collections.IComparer",
    "System.Collections.CaseInsensitiveComparer": "System.Collections.IComparer",
    "System.Collections.Generic.Comparer`1": f"{_C}IComparer {_G}IComparer`1[T]",
    "System.Collections.Generic.EqualityComparer`1": f"{_C}IEqualityComparer {_G}IEqualityComparer`1[T]",
    # collections
    "System.Collections.ArrayList": f"{_LIST} System.ICloneable",
    "System.Collections.Hashtable": f"{_DICTIONARY} System.ICloneable",
    "System.Collections.SortedList": f"{_DICTIONARY} System.ICloneable",
    "System.Collections.Queue": f"{_C}ICollection {_C}IEnumerable System.ICloneable",
    "System.Collections.Stack": f"{_C}ICollection {_C}IEnumerable System.ICloneable",
    "System.Collections.BitArray": f"{_C}ICollection {_C}IEnumerable System.ICloneable",
    "System.Collections.CollectionBase": _LIST,
    "System.Collections.ReadOnlyCollectionBase": f"{_C}ICollection {_C}IEnumerable",
    "System.Collections.DictionaryBase": _DICTIONARY,
    "System.Collections.Specialized.OrderedDictionary": f"{_C}Specialized.IOrderedDictionary {_DICTIONARY}",
    "System.Collections.Specialized.HybridDictionary": _DICTIONARY,
    "System.Collections.Specialized.ListDictionary": _DICTIONARY,
    "System.Collections.Specialized.StringDictionary": f"{_C}IEnumerable",
    "System.Collections.Specialized.StringCollection": _LIST,
    "System.Collections.Specialized.NameObjectCollectionBase": f"{_C}ICollection {_C}IEnumerable",
    "System.Collections.Specialized.IOrderedDictionary": _DICTIONARY,
    "System.Collections.IList": f"{_C}ICollection {_C}IEnumerable",
    "System.Collections.IDictionary": f"{_C}ICollection {_C}IEnumerable",
    "System.Collections.ICollection": f"{_C}IEnumerable",
    "System.Collections.IDictionaryEnumerator": f"{_C}IEnumerator",
    "System.Collections.Generic.IEnumerable`1": f"{_C}IEnumerable",
    "System.Collections.Generic.IEnumerator`1": f"{_C}IEnumerator System.IDisposable",
    "System.Collections.Generic.ICollection`1": f"{_G}IEnumerable`1[T] {_C}IEnumerable",
    "System.Collections.Generic.IList`1": _GENERIC_COLLECTION.format("T"),
    "System.Collections.Generic.ISet`1": _GENERIC_COLLECTION.format("T"),
    "System.Collections.Generic.IReadOnlyCollection`1": f"{_G}IEnumerable`1[T] {_C}IEnumerable",
    "System.Collections.Generic.IReadOnlyList`1": (
        f"{_G}IReadOnlyCollection`1[T] {_G}IEnumerable`1[T] {_C}IEnumerable"
    ),
    "System.Collections.Generic.IDictionary`2": (
        f"{_G}ICollection`1[{_PAIR}] {_G}IEnumerable`1[{_PAIR}] {_C}IEnumerable"
    ),
    "System.Collections.Generic.IReadOnlyDictionary`2": (
        f"{_G}IReadOnlyCollection`1[{_PAIR}] {_G}IEnumerable`1[{_PAIR}] {_C}IEnumerable"
    ),
    "System.Collections.Generic.List`1": f"{_GENERIC_LIST.format('T')} {_LIST}",
    "System.Collections.ObjectModel.Collection`1": f"{_GENERIC_LIST.format('T')} {_LIST}",
    "System.Collections.ObjectModel.ReadOnlyCollection`1": f"{_GENERIC_LIST.format('T')} {_LIST}",
    "System.Collections.Generic.HashSet`1": (
        f"{_G}ISet`1[T] {_G}IReadOnlyCollection`1[T] {_GENERIC_COLLECTION.format('T')}"
    ),
    "System.Collections.Generic.SortedSet`1": (
        f"{_G}ISet`1[T] {_G}IReadOnlyCollection`1[T] {_GENERIC_COLLECTION.format('T')} {_C}ICollection"
    ),
    "System.Collections.Generic.Queue`1": (
        f"{_G}IEnumerable`1[T] {_G}IReadOnlyCollection`1[T] {_C}ICollection {_C}IEnumerable"
    ),
    "System.Collections.Generic.Stack`1": (
        f"{_G}IEnumerable`1[T] {_G}IReadOnlyCollection`1[T] {_C}ICollection {_C}IEnumerable"
    ),
    "System.Collections.Generic.LinkedList`1": f"{_GENERIC_COLLECTION.format('T')} {_C}ICollection",
    "System.Collections.Generic.Dictionary`2": _GENERIC_DICTIONARY,
    "System.Collections.Generic.SortedDictionary`2": _GENERIC_DICTIONARY,
    "System.Collections.Generic.SortedList`2": _GENERIC_DICTIONARY,
    "System.Collections.Concurrent.ConcurrentDictionary`2": _GENERIC_DICTIONARY,
    "System.Collections.ObjectModel.ReadOnlyDictionary`2": _GENERIC_DICTIONARY,
    **{
        f"System.Collections.Generic.{owner}.{part}": f"{_GENERIC_COLLECTION.format(item)} {_C}ICollection"
        for owner in ("Dictionary`2", "SortedDictionary`2")
        for part, item in (("KeyCollection", "TKey"), ("ValueCollection", "TValue"))
    },
    # text, IO, other
    "System.Text.RegularExpressions.MatchCollection": f"{_C}ICollection {_C}IEnumerable",
    "System.Text.RegularExpressions.GroupCollection": f"{_C}ICollection {_C}IEnumerable",
    "System.Text.RegularExpressions.CaptureCollection": f"{_C}ICollection {_C}IEnumerable",
    "System.Text.Encoding": "System.ICloneable",
    "System.IO.Stream": "System.IDisposable",
    "System.IO.TextReader": "System.IDisposable",
    "System.IO.TextWriter": "System.IDisposable",
    "System.IO.BinaryReader": "System.IDisposable",
    "System.IO.BinaryWriter": "System.IDisposable",
    "System.ComponentModel.Component": "System.ComponentModel.IComponent System.IDisposable",
    "System.ComponentModel.IComponent": "System.IDisposable",
    "System.Threading.WaitHandle": "System.IDisposable",
    "System.Security.SecureString": "System.IDisposable",
    "System.Security.Cryptography.HashAlgorithm": "System.IDisposable",
    "System.Security.Cryptography.RandomNumberGenerator": "System.IDisposable",
    "System.Security.Cryptography.SymmetricAlgorithm": "System.IDisposable",
    "System.Security.Cryptography.X509Certificates.X509Certificate": "System.IDisposable",
    "System.Security.Cryptography.X509Certificates.X509Store": "System.IDisposable",
    "System.Net.WebResponse": "System.IDisposable",
    "System.Net.Sockets.TcpClient": "System.IDisposable",
    "System.Net.Sockets.Socket": "System.IDisposable",
    "System.Net.Http.HttpMessageInvoker": "System.IDisposable",
    "System.Net.NetworkCredential": "System.Net.ICredentials",
    "System.IO.Compression.ZipArchive": "System.IDisposable",
    "Microsoft.Win32.RegistryKey": "System.IDisposable",
    "System.Security.Principal.WindowsIdentity": "System.Security.Principal.IIdentity System.IDisposable",
    "System.Security.Principal.WindowsPrincipal": "System.Security.Principal.IPrincipal",
    "System.Xml.XmlNode": "System.ICloneable System.Collections.IEnumerable System.Xml.XPath.IXPathNavigable",
    "System.Xml.XmlNodeList": "System.Collections.IEnumerable System.IDisposable",
    "System.Xml.XmlNamedNodeMap": "System.Collections.IEnumerable",
    "System.Xml.XmlAttributeCollection": f"{_C}ICollection {_C}IEnumerable",
    "System.Xml.XmlReader": "System.IDisposable",
    "System.Xml.XmlWriter": "System.IDisposable",
    "System.Management.Automation.PSObject": "System.IFormattable System.IComparable",
    "System.Management.Automation.PSDataCollection`1": f"{_GENERIC_LIST.format('T')} {_LIST} System.IDisposable",
    "System.Management.Automation.Runspaces.Runspace": "System.IDisposable",
    "System.Management.Automation.PowerShell": "System.IDisposable",
}

FLAGS_SUFFIXES = ("Flags", "Options", "Rights", "Styles", "Attributes")
"""An enum whose name ends so is a [Flags] enum (Framework naming guideline: flags have plural names)."""

FLAGS = frozenset(
    {
        "System.AttributeTargets",
        "System.Management.Automation.Provider.ProviderCapabilities",
        "System.IO.FileAccess",
        "System.IO.FileShare",
        "System.IO.NotifyFilters",
        "System.IO.WatcherChangeTypes",
        "System.ConsoleModifiers",
        "System.UriComponents",
        "System.Reflection.MemberTypes",
        "System.Net.SecurityProtocolType",
        "System.Net.DecompressionMethods",
        "System.Net.AuthenticationSchemes",
        "System.Security.Authentication.SslProtocols",
        "System.Security.Principal.TokenAccessLevels",
        "System.Security.AccessControl.AccessControlSections",
        "System.Security.AccessControl.SecurityInfos",
        "System.ServiceProcess.ServiceType",
        "System.Management.Automation.CommandTypes",
        "System.Management.Automation.PSMemberTypes",
        "System.Management.Automation.PSMemberViewTypes",
        "System.Management.Automation.ScopedItemOptions",
        "System.Management.Automation.SplitOptions",
        "System.Management.Automation.WildcardOptions",
        "System.Management.Automation.PSCredentialTypes",
    }
)
