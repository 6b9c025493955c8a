//! Feeds as their readers receive them: judged by other people's parsers, against kept bytes, and on arbitrary texts.

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod bytes;
#[cfg(test)]
mod judges;
#[cfg(test)]
mod sample;
