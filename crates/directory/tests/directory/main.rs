//! A directory file as an administrator fills it in, good and bad.

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod bad;
#[cfg(test)]
mod good;
#[cfg(test)]
mod sample;
