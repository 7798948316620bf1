//! A position report: where, when, how fast, and what a terminal adds to it. What is added comes as items of which vendors have many of their own;
//! an item that lies about its length costs itself and those behind it, never the position.

use dispatch_core::UtcTime;
use roads::Wgs84;

use super::cursor::Cursor;
use super::{Bad, bcd};

/// One position report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Report {
    /// Alarm flags, as they came.
    pub(crate) alarm: u32,
    /// Where and when; `None`: the receiver has no fix.
    pub(crate) place: Option<Placed>,
    /// What the terminal added.
    pub(crate) items: Items,
    /// Whether what was added could not be read to its end.
    pub(crate) items_broken: bool,
}

/// Where and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    /// When it was measured, UTC.
    pub(crate) at: UtcTime,
    /// Where, WGS-84.
    pub(crate) position: Wgs84,
    /// Above the sea, in metres.
    pub(crate) altitude_m: u16,
    /// By the receiver, in km/h.
    pub(crate) speed_kmh: f32,
    /// Clockwise from north.
    pub(crate) heading_deg: Option<f32>,
}

/// What a terminal adds to a position, as far as it is of use here.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Items {
    /// What the vehicle has driven in its life, in km.
    pub(crate) mileage_km: Option<f64>,
    /// By the vehicle's own instruments, in km/h.
    pub(crate) instrument_speed_kmh: Option<f32>,
    /// Strength of the radio network; its scale is the terminal's.
    pub(crate) signal: Option<u8>,
    /// Satellites in the fix.
    pub(crate) satellites: Option<u8>,
}

impl Report {
    /// Reads a report.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Bad> {
        let mut cursor = Cursor(body);
        let (alarm, status) = (cursor.double_word()?, cursor.double_word()?);
        let (latitude, longitude) = (cursor.double_word()?, cursor.double_word()?);
        let (altitude_m, speed, heading) = (cursor.word()?, cursor.word()?, cursor.word()?);
        let time = cursor.array::<6>()?;
        let (items, items_broken) = Items::read(cursor);
        // Without a fix neither place nor time mean anything: terminals send zeros, or what they had last.
        let place = if status & LOCATED == 0 {
            None
        } else {
            let degrees = |micro: u32, negative: u32| {
                let degrees = f64::from(micro) / 1e6;
                if status & negative == 0 { degrees } else { -degrees }
            };
            let position = Wgs84::new(degrees(longitude, WEST), degrees(latitude, SOUTH));
            Some(Placed {
                at: bcd::time(time)?,
                position: position.map_err(|_| Bad::Place)?,
                altitude_m,
                speed_kmh: f32::from(speed) / 10.0,
                heading_deg: (heading <= 360).then_some(f32::from(heading)),
            })
        };
        Ok(Self { alarm, place, items, items_broken })
    }
}

impl Report {
    /// Whether the crew pressed the terminal's emergency button.
    pub(crate) fn is_emergency(&self) -> bool {
        self.alarm & EMERGENCY != 0
    }
}

impl Items {
    /// The items that could be read, and whether that was not all of them.
    fn read(mut cursor: Cursor<'_>) -> (Self, bool) {
        let mut items = Self::default();
        while !cursor.0.is_empty() {
            match cursor.item() {
                Ok((id, value)) => items.note(id, value),
                Err(_) => return (items, true),
            }
        }
        (items, false)
    }

    fn note(&mut self, id: u8, value: &[u8]) {
        match (id, value) {
            (MILEAGE, &[a, b, c, d]) => {
                self.mileage_km = Some(f64::from(u32::from_be_bytes([a, b, c, d])) / 10.0);
            }
            (INSTRUMENT_SPEED, &[a, b]) => {
                self.instrument_speed_kmh = Some(f32::from(u16::from_be_bytes([a, b])) / 10.0);
            }
            (SIGNAL, &[strength]) => self.signal = Some(strength),
            (SATELLITES, &[count]) => self.satellites = Some(count),
            // Items of vendors, and items of the standard that say nothing about where the vehicle is.
            _ => {}
        }
    }
}

#[cfg(test)]
impl Report {
    /// As a terminal writes it. For the tests, which have no terminal of their own.
    pub(crate) fn written(&self) -> Vec<u8> {
        let mut status = 0;
        let mut numbers = [0_u32; 2];
        let mut words = [0_u16; 3];
        let mut time = [0; 6];
        if let Some(place) = &self.place {
            let (longitude, latitude) = (place.position.longitude(), place.position.latitude());
            status |= LOCATED;
            status |= if longitude < 0.0 { WEST } else { 0 };
            status |= if latitude < 0.0 { SOUTH } else { 0 };
            numbers = [latitude, longitude].map(|degrees| (degrees.abs() * 1e6).round() as u32);
            let heading = place.heading_deg.map_or(0xffff, |degrees| degrees as u16);
            words = [place.altitude_m, (place.speed_kmh * 10.0).round() as u16, heading];
            time = bcd::written(place.at);
        }
        let mut bytes = Vec::new();
        for number in [self.alarm, status].into_iter().chain(numbers) {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        bytes.extend(time);
        let Items { mileage_km, instrument_speed_kmh, signal, satellites } = self.items;
        let mut item = |id: u8, value: &[u8]| {
            bytes.extend([id, value.len() as u8]);
            bytes.extend_from_slice(value);
        };
        if let Some(km) = mileage_km {
            item(MILEAGE, &((km * 10.0).round() as u32).to_be_bytes());
        }
        if let Some(speed) = instrument_speed_kmh {
            item(INSTRUMENT_SPEED, &((speed * 10.0).round() as u16).to_be_bytes());
        }
        if let Some(strength) = signal {
            item(SIGNAL, &[strength]);
        }
        if let Some(count) = satellites {
            item(SATELLITES, &[count]);
        }
        if self.items_broken {
            bytes.extend([0xeb, 0x40, 1]);
        }
        bytes
    }
}

/// Of the alarms.
const EMERGENCY: u32 = 1;
/// Of the status: the receiver has a fix, which lies in the south, which lies in the west.
const LOCATED: u32 = 1 << 1;
const SOUTH: u32 = 1 << 2;
const WEST: u32 = 1 << 3;
/// Of the items.
const MILEAGE: u8 = 0x01;
const INSTRUMENT_SPEED: u8 = 0x03;
const SIGNAL: u8 = 0x30;
const SATELLITES: u8 = 0x31;
