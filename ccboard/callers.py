"""What is kept of a caller's number: the policy ``callers = masked | plain | hash``.

Whatever the policy, a keyed hash tells repeat callers. The key is a file beside the store that only its
owner reads; without it a hash of ten digits would be turned back into the number in seconds.
"""

import hashlib
import os
import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from ccboard.errors import StoreError
from ccboard.records import Contact, Reject

Policy: TypeAlias = Literal["masked", "plain", "hash"]
DOT = "•"
KEY_BYTES = 32
_BLOCK = 64
"""Bytes of a block of SHA-256."""
_NOBODY = frozenset({
    "", "anonymous", "anonymus", "anonym", "unknown", "unavailable", "restricted", "private", "withheld",
    "blocked", "none", "null", "nocallerid", "privatenumber", "unknownnumber", "id", "s",
})
"""What phone systems write where the number is not known, without punctuation and case."""
_PUNCTUATION = re.compile(r"[\s()/.\-_<>\"']+")
_DIGITS = re.compile(r"(?P<epoch>^1\d{9}(?=[|.]))|\d{7,}")
"""Digits that may be a number in a text; at its begin an epoch is none."""
_ABROAD = re.compile(r"00[1-9]\d{6,}")
_SCHEME = re.compile(r"(sips?|tel):")
_NUMBER = re.compile(rf"\+?[\d{DOT}*#]+")


def canonical(number: str | None) -> str | None:
    """Return one spelling of a caller's number, or None where nobody is named.

    >>> canonical("+49 (30) 1234-681"), canonical("0049301234681"), canonical("Anonymous")
    ('+49301234681', '+49301234681', None)
    """
    if number is None:
        return None
    bare = number[1:] if number.startswith("+") else number
    if bare.isascii() and bare.isdecimal():  # most are: an import may have millions
        plain = number
    else:
        text = number.strip().casefold()
        if scheme := _SCHEME.match(text):
            text = text[scheme.end() :]
        plain = _PUNCTUATION.sub("", text.partition("@")[0])
        if plain in _NOBODY or not any(char.isalnum() for char in plain):
            return None
    return "+" + plain[2:] if plain.startswith("00") and _ABROAD.fullmatch(plain) else plain


def mask(number: str) -> str:
    """Return `number` with most of it dotted out: country prefix and the last three digits stay.

    Short numbers keep less, names (sip:anna@...) their first letter; masking twice changes nothing.

    >>> mask("+4930123456681"), mask("0301234681"), mask("4711"), mask("110"), mask("sip:anna@x.org")
    ('+49••••••••681', '•••••••681', '•••1', '•••', 'a•••')
    """
    return _masked(number, canonical(number))


def _masked(number: str, plain: str | None) -> str:
    if plain is None:
        return number.partition("@")[0]  # nobody is named before it, but somebody may be behind it
    if not _NUMBER.fullmatch(plain):
        return (plain[0] if plain[0].isalpha() else DOT) + DOT * 3
    plus, digits = ("+", plain[1:]) if plain.startswith("+") else ("", plain)
    tail = 3 if len(digits) >= 7 else 1 if len(digits) >= 4 else 0
    front = 2 if plus and len(digits) >= 10 else 0
    hidden = len(digits) - front - tail
    return plus + digits[:front] + DOT * hidden + digits[front + hidden :]


def hide(text: str) -> str:
    """Return a text of which nobody knows what it holds, without what may be a caller's number.

    >>> hide("1795283239|x|q|NONE|ENTERQUEUE||+4930123456681|z"), hide("0301234681 rings 12 s")
    ('1795283239|x|q|NONE|ENTERQUEUE||+•••|z', '••• rings 12 s')
    """
    return _DIGITS.sub(lambda found: found["epoch"] or DOT * 3, text)


class InSql(NamedTuple):
    """The policy as SQL."""

    plain: str
    """Condition: it is a plain number, for which the others hold."""
    caller: str
    """The number as it may be kept."""
    key: str
    """The key by which the caller is known again."""
    parameters: dict[str, bytes]
    """Of `key` and perhaps of `caller`: the secret stands in no statement."""


class Callers:
    """The policy, with its key."""

    def __init__(self, policy: Policy, key: bytes) -> None:
        self.policy = policy
        if len(key) > _BLOCK:
            key = hashlib.sha256(key).digest()
        block = key.ljust(_BLOCK, b"\0")
        self._pads = bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
        self._inner, self._outer = map(hashlib.sha256, self._pads)

    @classmethod
    def open(cls, policy: Policy, key_file: Path) -> "Callers":
        """Return the policy with the key of `key_file`, which is made if it is missing."""
        return cls(policy, load_key(key_file))

    def hash(self, number: str | None) -> str | None:
        """Return the key by which a caller is known again, None for a caller without a number.

        A masked number has none either: many callers look like it.
        """
        return self._hashed(canonical(number))

    def _hashed(self, plain: str | None) -> str | None:
        """Return the HMAC-SHA-256 (RFC 2104), of which what is the same for all numbers is at hand."""
        if plain is None or DOT in plain:
            return None
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(plain.encode(errors="replace"))
        outer.update(inner.digest())
        return outer.hexdigest()[:20]

    def in_sql(self, number: str) -> InSql:
        """Return ``keep`` of a column `number` (SQL) without a name, for plain numbers, as SQL of DuckDB.

        A back-fill has hundreds of thousands, each of which costs ten times as much in Python.
        """
        abroad = f"{number}[:2] = '00' AND {number}[3] <> '0' AND length({number}) >= 9"
        bare = f"CASE WHEN {abroad} THEN '+' || {number}[3:] ELSE {number} END"
        inner, outer = self._pads
        key = f"left(sha256($outer || unhex(sha256($inner || encode({bare})))), 20)"
        digits = f"ltrim({bare}, '+')"
        length = f"length({digits})"
        tail = f"CASE WHEN {length} >= 7 THEN 3 WHEN {length} >= 4 THEN 1 ELSE 0 END"
        front = f"CASE WHEN {bare}[1] = '+' AND {length} >= 10 THEN 2 ELSE 0 END"
        kept = {
            "plain": number,
            "hash": f"'#' || left({key}, 6)",
            "masked": f"left({bare}, length({bare}) - {length}) || left({digits}, {front}) ||"
                      f" repeat('{DOT}', {length} - ({front}) - ({tail})) || right({digits}, {tail})",
        }
        return InSql(f"regexp_full_match({number}, '[+]?[0-9]{{1,40}}')", kept[self.policy], key,
                     {"inner": inner, "outer": outer})

    def refuse(self, reject: Reject) -> Reject:
        """Return what could not be used as it may be kept: a number may stand anywhere in it."""
        if self.policy == "plain":
            return reject
        return replace(reject, reason=hide(reject.reason), text=hide(reject.text))

    def apply(self, contact: Contact) -> Contact:
        """Return `contact` as it may be kept. Doing it twice is the same as once."""
        if contact.caller is None and contact.caller_name is None:
            return contact
        caller, key, name = self.keep(contact.caller, contact.caller_name, contact.caller_key)
        return replace(contact, caller=caller, caller_name=name, caller_key=key)

    def keep(self, number: str | None, name: str | None,
             key: str | None = None) -> tuple[str | None, str | None, str | None]:
        """Return (number, key, name) as they may be kept; `key` where it is known already."""
        bare = canonical(number)
        key = key or self._hashed(bare)
        if self.policy == "plain":
            return number, key, name
        if key and number == f"#{key[:6]}":  # a store that kept hashes only has put it so
            return number, key, None
        if self.policy == "hash":
            return f"#{key[:6]}" if key else number and _masked(number, bare), key, None
        if name is not None and (plain := canonical(name)) is not None and _NUMBER.fullmatch(plain):
            name = mask(name)  # exchanges put the number where no name is known
        return _masked(number, bare) if number is not None else None, key, name


def known_key(path: Path) -> bytes | None:
    """Return the secret in `path`, None where there is none that this user may read. Makes nothing."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
    return key if len(key) >= 16 else None


def load_key(path: Path) -> bytes:
    """Return the secret in `path`; make the file (0600) if there is none.

    Two processes that come at once end with the same key: the first link wins. Raises StoreError.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                os.link(fresh, path)
            except FileExistsError:
                pass  # the other one was first: its key counts
            finally:
                fresh.unlink()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise StoreError(f"{path}: the key of callers' hashes: {error.strerror}") from None
    except ValueError:
        key = b""
    if len(key) < 16:
        raise StoreError(
            f"{path}: this is no key of callers' hashes; move it away to begin a new one "
            "(callers are then not known again from before)"
        )
    return key
