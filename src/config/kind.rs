//! What a key may be: from text, wherever it stands, to a value of its type, or to what is wrong with it.

use std::path::PathBuf;
use std::time::Duration;

use super::address;
use super::conversations::{RedisMode, StoreKind};
use super::draft::Draft;
use super::headers::headers;
use super::secret::Secret;
use super::sections::{Header, Jwks, LogFormat, LogLevel, Share};
use super::text::{choice, count, duration, flag, prose, share};

/// What a key may be, and what takes it in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// `host:port`.
    Address(fn(&mut Draft, String)),
    /// The same, or `off`.
    AddressOrOff(fn(&mut Draft, Option<String>)),
    /// One or more of others, with `,` between.
    Addresses(fn(&mut Draft, Vec<String>)),
    File(fn(&mut Draft, PathBuf)),
    Folder(fn(&mut Draft, PathBuf)),
    FileOrUrl(fn(&mut Draft, Jwks)),
    /// `http://` or `https://`, a host and a port.
    Url(fn(&mut Draft, String)),
    Text(fn(&mut Draft, String)),
    /// A whole number from the one to the other.
    Count(u32, u32, fn(&mut Draft, u32)),
    /// The same, where it may be large.
    Bytes(u64, u64, fn(&mut Draft, u64)),
    /// From the one to the other.
    Duration(Duration, Duration, fn(&mut Draft, Duration)),
    Share(fn(&mut Draft, Share)),
    Flag(fn(&mut Draft, bool)),
    Level(fn(&mut Draft, LogLevel)),
    Format(fn(&mut Draft, LogFormat)),
    Headers(fn(&mut Draft, Vec<Header>)),
    Password(fn(&mut Draft, Secret)),
    Store(fn(&mut Draft, StoreKind)),
    Mode(fn(&mut Draft, RedisMode)),
}

/// What is wrong with a value, wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) mend: String,
}

/// What there may be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnDisk {
    File,
    Folder,
    Nothing,
}

impl Kind {
    /// Takes in what `text` says.
    pub(super) fn read(self, text: &str, draft: &mut Draft) -> Result<(), Flaw> {
        match self {
            Self::Address(take) => take(draft, address::address(text)?),
            Self::AddressOrOff(take) => take(draft, address::address_or_off(text)?),
            Self::Addresses(take) => take(draft, address::addresses(text)?),
            Self::File(take) | Self::Folder(take) => take(draft, PathBuf::from(prose(text)?)),
            Self::FileOrUrl(take) => take(draft, address::file_or_url(text)?),
            Self::Url(take) => take(draft, address::collector(text)?),
            Self::Text(take) => take(draft, prose(text)?.to_owned()),
            Self::Count(least, most, take) => take(draft, count(text, least, most)?),
            Self::Bytes(least, most, take) => take(draft, count(text, least, most)?),
            Self::Duration(least, most, take) => take(draft, duration(text, least, most)?),
            Self::Share(take) => take(draft, share(text)?),
            Self::Flag(take) => take(draft, flag(text)?),
            Self::Level(take) => take(draft, choice(text, "a level of the log", LogLevel::ALL)?),
            Self::Format(take) => take(draft, choice(text, "a form of the log", LogFormat::ALL)?),
            Self::Headers(take) => take(draft, headers(text)?),
            Self::Password(take) => take(draft, Secret::new(prose(text)?)),
            Self::Store(take) => take(draft, choice(text, "a place for conversations", StoreKind::ALL)?),
            Self::Mode(take) => take(draft, choice(text, "a kind of Redis", RedisMode::ALL)?),
        }
        Ok(())
    }

    /// What help shows in its place.
    pub(super) fn placeholder(self) -> &'static str {
        match self {
            Self::Address(_) | Self::AddressOrOff(_) => "ADDR",
            Self::Addresses(_) => "ADDR,...",
            Self::File(_) => "FILE",
            Self::Folder(_) => "DIR",
            Self::FileOrUrl(_) => "FILE|URL",
            Self::Url(_) => "URL",
            Self::Text(_) | Self::Password(_) => "TEXT",
            Self::Count(..) => "NUMBER",
            Self::Bytes(..) => "BYTES",
            Self::Duration(..) => "DURATION",
            Self::Share(_) => "SHARE",
            Self::Flag(_) => "BOOL",
            Self::Level(_) => "LEVEL",
            Self::Format(_) => "FORMAT",
            Self::Headers(_) => "HEADERS",
            Self::Store(_) => "STORE",
            Self::Mode(_) => "MODE",
        }
    }

    /// Whether YAML reads it as it is without quotes.
    pub(super) fn is_plain(self) -> bool {
        match self {
            Self::Count(..)
            | Self::Bytes(..)
            | Self::Duration(..)
            | Self::Share(_)
            | Self::Flag(_)
            | Self::Level(_)
            | Self::Format(_)
            | Self::Store(_)
            | Self::Mode(_) => true,
            Self::Address(_)
            | Self::AddressOrOff(_)
            | Self::Addresses(_)
            | Self::File(_)
            | Self::Folder(_)
            | Self::FileOrUrl(_)
            | Self::Url(_)
            | Self::Text(_)
            | Self::Headers(_)
            | Self::Password(_) => false,
        }
    }

    /// Whether a file may list it.
    pub(super) fn is_list(self) -> bool {
        match self {
            Self::Addresses(_) => true,
            Self::Address(_)
            | Self::AddressOrOff(_)
            | Self::File(_)
            | Self::Folder(_)
            | Self::FileOrUrl(_)
            | Self::Url(_)
            | Self::Text(_)
            | Self::Count(..)
            | Self::Bytes(..)
            | Self::Duration(..)
            | Self::Share(_)
            | Self::Flag(_)
            | Self::Level(_)
            | Self::Format(_)
            | Self::Headers(_)
            | Self::Password(_)
            | Self::Store(_)
            | Self::Mode(_) => false,
        }
    }

    /// Whether `text` is refused for what it may hold.
    pub(super) fn is_indiscreet(self, text: &str) -> bool {
        match self {
            Self::Url(_) | Self::Addresses(_) => address::may_hold_credentials(text),
            Self::FileOrUrl(_) => text.contains("://") && address::may_hold_credentials(text),
            Self::Address(_)
            | Self::AddressOrOff(_)
            | Self::File(_)
            | Self::Folder(_)
            | Self::Text(_)
            | Self::Count(..)
            | Self::Bytes(..)
            | Self::Duration(..)
            | Self::Share(_)
            | Self::Flag(_)
            | Self::Level(_)
            | Self::Format(_)
            | Self::Headers(_)
            | Self::Password(_)
            | Self::Store(_)
            | Self::Mode(_) => false,
        }
    }

    /// What the value `text` names on the disk.
    pub(super) fn on_disk(self, text: &str) -> OnDisk {
        match self {
            Self::File(_) => OnDisk::File,
            Self::Folder(_) => OnDisk::Folder,
            Self::FileOrUrl(_) if !text.contains("://") => OnDisk::File,
            Self::FileOrUrl(_)
            | Self::Address(_)
            | Self::AddressOrOff(_)
            | Self::Addresses(_)
            | Self::Url(_)
            | Self::Text(_)
            | Self::Count(..)
            | Self::Bytes(..)
            | Self::Duration(..)
            | Self::Share(_)
            | Self::Flag(_)
            | Self::Level(_)
            | Self::Format(_)
            | Self::Headers(_)
            | Self::Password(_)
            | Self::Store(_)
            | Self::Mode(_) => OnDisk::Nothing,
        }
    }
}
