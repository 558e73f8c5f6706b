//! An item's content: bytes here, base64 on the wire only.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::display::Base64Display;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use bytes::Bytes;
use serde::de::{Error as _, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::submission::{OperationResult, sealed};

/// Padding is written and not insisted on.
const DECODER: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The one way in which parts travel.
const INLINE_BASE64: &str = "InlineBase64";

/// The content of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemDefinition {
    /// The definition's format, such as `ipynb` or `TMDL`, where its type has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Its files.
    pub parts: Vec<DefinitionPart>,
}

/// One file of an item's content.
#[derive(Clone, PartialEq, Eq)]
pub struct DefinitionPart {
    /// Its path inside the item, with `/`.
    pub path: String,
    /// Its bytes.
    pub payload: Bytes,
}

impl DefinitionPart {
    /// A file.
    pub fn new(path: impl Into<String>, payload: impl Into<Bytes>) -> Self {
        Self { path: path.into(), payload: payload.into() }
    }

    fn body_size(&self) -> usize {
        self.path.len() + self.payload.len().div_ceil(3) * 4 + 64
    }
}

/// The length instead of the bytes: content may hold anything.
impl fmt::Debug for DefinitionPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefinitionPart")
            .field("path", &self.path)
            .field("payload", &format_args!("{} bytes", self.payload.len()))
            .finish()
    }
}

impl ItemDefinition {
    /// Content of these parts, in the format that the server takes for the type's own.
    pub fn new(parts: Vec<DefinitionPart>) -> Self {
        Self { format: None, parts }
    }

    /// The part at `path`.
    pub fn part(&self, path: &str) -> Option<&DefinitionPart> {
        self.parts.iter().find(|part| part.path == path)
    }

    pub(crate) fn body_size(&self) -> usize {
        128 + parts_size(&self.parts)
    }
}

/// The length of the parts as JSON, paths that need escapes aside.
pub(crate) fn parts_size(parts: &[DefinitionPart]) -> usize {
    parts.iter().map(DefinitionPart::body_size).sum()
}

impl Serialize for DefinitionPart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut part = serializer.serialize_struct("DefinitionPart", 3)?;
        part.serialize_field("path", &self.path)?;
        part.serialize_field("payload", &Encoded(&self.payload))?;
        part.serialize_field("payloadType", INLINE_BASE64)?;
        part.end()
    }
}

/// Writes base64 straight into the body, without a string in between.
struct Encoded<'a>(&'a [u8]);

impl Serialize for Encoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

impl<'de> Deserialize<'de> for DefinitionPart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            path: String,
            payload: Decoded,
            payload_type: Option<String>,
        }
        let Wire { path, payload, payload_type } = Wire::deserialize(deserializer)?;
        match payload_type.as_deref() {
            None | Some(INLINE_BASE64) => Ok(Self { path, payload: payload.0 }),
            Some(_) => Err(D::Error::custom("a definition part's payloadType is not InlineBase64")),
        }
    }
}

/// Reads base64 straight from the body, without a string in between.
struct Decoded(Bytes);

impl<'de> Deserialize<'de> for Decoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base64;

        impl Visitor<'_> for Base64 {
            type Value = Decoded;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Decoded, E> {
                let bytes = DECODER.decode(text).map_err(|_| E::custom("a definition part's payload is not base64"))?;
                Ok(Decoded(bytes.into()))
            }
        }

        deserializer.deserialize_str(Base64)
    }
}

/// The body of a call that updates a definition.
#[derive(Serialize)]
pub(crate) struct DefinitionRequest<'a> {
    pub(crate) definition: &'a ItemDefinition,
}

/// The answer of a call that reads a definition.
#[derive(Deserialize)]
pub(crate) struct DefinitionReply {
    definition: ItemDefinition,
}

impl OperationResult for ItemDefinition {}

impl sealed::Read for ItemDefinition {
    const IS_FETCHED: bool = true;

    fn read(body: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice::<DefinitionReply>(body).map(|reply| reply.definition)
    }
}
