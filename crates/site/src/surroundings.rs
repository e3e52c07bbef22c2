//! What a render may read besides the site: the clock and randomness, noticed when they are read.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use chrono::format::{Fixed, Item, Numeric, StrftimeItems};
use chrono::{DateTime, Utc};

/// The clock and the source of randomness of one render, which remember whether they were read.
#[derive(Debug)]
pub struct Surroundings {
    now: DateTime<Utc>,
    random: fn() -> u64,
    clock_use: AtomicU8,
    random_used: AtomicBool,
}

/// What a render read of its [`Surroundings`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// How finely the clock was read.
    pub clock: ClockUse,
    /// Whether a random number was drawn.
    pub random: bool,
}

/// How finely a render read the clock, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockUse {
    /// Not at all.
    None,
    /// The day at most: the result holds until the next midnight UTC.
    Date,
    /// The time of day.
    Instant,
}

impl Surroundings {
    /// The surroundings of a render that takes place at `now` and draws its random numbers from `random`.
    #[must_use]
    pub const fn new(now: DateTime<Utc>, random: fn() -> u64) -> Self {
        Self {
            now,
            random,
            clock_use: AtomicU8::new(ClockUse::None as u8),
            random_used: AtomicBool::new(false),
        }
    }

    /// The time of the render. Reading it here is not observed: the caller accounts for what it does with it.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// What templates, scripts and shortcodes have read so far.
    #[must_use]
    pub fn observed(&self) -> Observed {
        Observed {
            clock: match self.clock_use.load(Ordering::Relaxed) {
                0 => ClockUse::None,
                1 => ClockUse::Date,
                _ => ClockUse::Instant,
            },
            random: self.random_used.load(Ordering::Relaxed),
        }
    }

    /// The time of the render, read as finely as `clock_use` says.
    pub(crate) fn read_clock(&self, clock_use: ClockUse) -> DateTime<Utc> {
        self.clock_use.fetch_max(clock_use as u8, Ordering::Relaxed);
        self.now
    }

    /// The next random number.
    pub(crate) fn draw_random(&self) -> u64 {
        self.random_used.store(true, Ordering::Relaxed);
        (self.random)()
    }
}

impl ClockUse {
    /// How finely a date in the strftime format `format` reads the clock.
    pub(crate) fn of_format(format: &str) -> Self {
        StrftimeItems::new(format)
            .map(|item| Self::of_item(&item))
            .max()
            .unwrap_or(Self::None)
    }

    /// Only what is known to be a date counts as one. A zone is constant, as the clock is always read in UTC.
    fn of_item(item: &Item<'_>) -> Self {
        use Numeric::{
            Day, IsoWeek, IsoYear, IsoYearDiv100, IsoYearMod100, Month, NumDaysFromSun, Ordinal,
            Quarter, WeekFromMon, WeekFromSun, WeekdayFromMon, Year, YearDiv100, YearMod100,
        };
        match item {
            Item::Literal(_) | Item::OwnedLiteral(_) | Item::Space(_) | Item::OwnedSpace(_) => {
                Self::None
            }
            Item::Numeric(
                Year | YearDiv100 | YearMod100 | IsoYear | IsoYearDiv100 | IsoYearMod100 | Quarter
                | Month | Day | WeekFromSun | WeekFromMon | IsoWeek | NumDaysFromSun
                | WeekdayFromMon | Ordinal,
                _,
            )
            | Item::Fixed(
                Fixed::ShortMonthName
                | Fixed::LongMonthName
                | Fixed::ShortWeekdayName
                | Fixed::LongWeekdayName,
            ) => Self::Date,
            Item::Fixed(
                Fixed::TimezoneName
                | Fixed::TimezoneOffset
                | Fixed::TimezoneOffsetColon
                | Fixed::TimezoneOffsetColonZ
                | Fixed::TimezoneOffsetZ,
            ) => Self::None,
            Item::Numeric(..) | Item::Fixed(_) | Item::Error => Self::Instant,
        }
    }
}
