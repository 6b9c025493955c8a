//! `podcast:guid`: the name a feed keeps for ever, for `app` to assign once and store.

use uuid::Uuid;

/// The namespace fixed by the podcast namespace specification, `guid.md`.
const PODCAST: Uuid = Uuid::from_u128(0xead4_c236_bf58_58c6_a2c6_a6b2_8d12_8cb6);

/// The guid of a feed at that address. Give the address without its token: the guid must neither reveal a secret nor
/// change with one. The scheme and slashes at the end do not count.
#[must_use]
pub fn podcast_guid(feed_address: &str) -> Uuid {
    let bare = feed_address.split_once("://").map_or(feed_address, |(_, rest)| rest);
    Uuid::new_v5(&PODCAST, bare.trim_end_matches('/').as_bytes())
}

#[cfg(test)]
mod tests {
    use super::podcast_guid;

    #[test]
    fn the_specification_s_own_example_gives_its_guid() {
        for address in ["podnews.net/rss", "https://podnews.net/rss", "http://podnews.net/rss//"] {
            assert_eq!(podcast_guid(address).to_string(), "9b024349-ccf0-5f69-a609-6b82873eab3c");
        }
    }
}
