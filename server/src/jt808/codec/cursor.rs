//! Bytes read one after the other. Reading past the end is an answer, not a panic.

use super::Bad;

/// A place in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Bad> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Bad::Body)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Bad> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Bad::Body)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Bad> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn word(&mut self) -> Result<u16, Bad> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn double_word(&mut self) -> Result<u32, Bad> {
        self.array().map(u32::from_be_bytes)
    }

    /// A number and as many bytes as the next byte says.
    pub(super) fn item(&mut self) -> Result<(u8, &'a [u8]), Bad> {
        let (id, length) = (self.byte()?, self.byte()?);
        Ok((id, self.take(usize::from(length))?))
    }

    /// As many bytes as the next word says.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], Bad> {
        let length = self.word()?;
        self.take(usize::from(length))
    }

    /// Everything that is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }
}
