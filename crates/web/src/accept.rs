//! `Accept-Encoding`: which content codings a client takes, and how gladly (RFC 9110 section 12.5.3).

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

use crate::encoding::Coding;

/// Weight 1 in thousandths, the unit of [`Weight`].
const FULL: u16 = 1000;

/// How gladly a coding is taken, in thousandths; 0 is not at all (RFC 9110 section 12.4.2).
type Weight = u16;

/// In which order a client takes codings, and which it takes at all. Clients with equal rankings are served alike, whatever is on offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ranking([u8; Coding::ALL.len()]);

/// The codings that a client accepts.
#[derive(Debug, Clone, Default)]
pub struct AcceptEncoding {
    listed: [Option<Weight>; Coding::ALL.len()],
    any_other: Option<Weight>,
}

impl AcceptEncoding {
    /// Reads all lines of the field. Without one, or with an empty one, only identity is accepted: a client that does
    /// not mention codings may not know them.
    ///
    /// Entries that cannot be read are dropped, weights beyond 1 count as 1, parameters other than `q` are ignored,
    /// and of several entries for one coding the highest counts.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let mut accept = Self::default();
        let lines = headers
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|line| line.to_str().ok());
        for (name, weight) in lines
            .flat_map(|line| line.split(','))
            .filter_map(read_entry)
        {
            let slot = match Coding::from_token(name) {
                Some(coding) => &mut accept.listed[coding as usize],
                None if name == "*" => &mut accept.any_other,
                None => continue,
            };
            *slot = (*slot).max(Some(weight));
        }
        accept
    }

    /// Whether the client takes `coding`. Identity is taken unless it, or `*` without it, has the weight 0.
    pub fn accepts(&self, coding: Coding) -> bool {
        match (coding, self.listed(coding)) {
            (_, Some(weight)) => weight > 0,
            (Coding::Identity, None) => true,
            (_, None) => false,
        }
    }

    /// Sorts codings by how gladly they are taken and leaves out those that are not. What is taken equally gladly keeps
    /// its order, which is the server's preference. Identity without a weight of its own comes after all others.
    pub fn sort<T>(&self, mut offers: Vec<T>, coding: impl Fn(&T) -> Coding) -> Vec<T> {
        offers.retain(|offer| self.accepts(coding(offer)));
        offers.sort_by_key(|offer| std::cmp::Reverse(self.weight(coding(offer))));
        offers
    }

    /// The coding to use of those `available`, which are in the order of the server's preference. When the client
    /// accepts none of them the answer is identity all the same: a page that some rare client cannot read is better
    /// than a 415 that nobody can (RFC 9110 section 12.5.3 leaves the choice).
    pub fn choose(&self, available: &[Coding]) -> Coding {
        self.sort(available.to_vec(), |coding| *coding)
            .first()
            .copied()
            .unwrap_or(Coding::Identity)
    }

    /// How many codings of bart are taken less gladly than each, in the order of [`Coding::ALL`].
    pub fn ranking(&self) -> Ranking {
        Ranking(Coding::ALL.map(|coding| {
            if !self.accepts(coding) {
                return Ranking::REFUSED;
            }
            let weight = self.weight(coding);
            let below = Coding::ALL
                .into_iter()
                .filter(|other| self.accepts(*other) && self.weight(*other) < weight);
            u8::try_from(below.count()).expect("there are few codings")
        }))
    }

    fn listed(&self, coding: Coding) -> Option<Weight> {
        self.listed[coding as usize].or(self.any_other)
    }

    fn weight(&self, coding: Coding) -> Weight {
        match coding {
            // `*` alone does not ask for identity, it only allows it.
            Coding::Identity => self.listed[Coding::Identity as usize].unwrap_or(0),
            other => self.listed(other).unwrap_or(0),
        }
    }
}

impl Ranking {
    /// In place of the rank of a coding that is not taken.
    const REFUSED: u8 = u8::MAX;

    /// A byte for each of [`Coding::ALL`].
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The name and weight of an entry such as `gzip;q=0.5`.
fn read_entry(entry: &str) -> Option<(&str, Weight)> {
    let mut parts = entry.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = parts.find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    weight
        .map_or(Some(FULL), read_weight)
        .map(|weight| (name, weight))
}

/// `qvalue` of RFC 9110 section 12.4.2, more digits and values above 1 let through.
fn read_weight(text: &str) -> Option<Weight> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    if whole.bytes().any(|digit| digit != b'0') {
        return Some(FULL);
    }
    let mut thousandths = fraction.bytes().chain(std::iter::repeat(b'0'));
    Some((0..3).fold(0, |weight, _| {
        weight * 10
            + thousandths
                .next()
                .map_or(0, |digit| Weight::from(digit - b'0'))
    }))
}
