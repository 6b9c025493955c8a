//! Looking for deposits by the words of their documents: whoever may not see a deposit does not find it.

use crate::world::*;
use balado_domain::Viewer;
use balado_domain::deposit::DepositState;
use balado_store::words;

both_engines!(a_deposit_is_found_by_its_words_by_those_who_may_see_it_and_nobody_else, |world| {
    let group = world.group("5eB");
    let (lou, max) = (world.teacher("Lou", group), world.teacher("Max", group));
    let pupil = world.pupil("Inès", group);
    let sheet = world.deposit(lou, DepositState::Ready);
    let other = world.deposit(lou, DepositState::Ready);
    world.write(|tx| {
        words::set(tx, sheet, "ancienne version")?;
        words::set(tx, sheet, "la photosynthese a 100 % des feuilles")?;
        words::set(tx, other, "le volcan")
    });
    let find = |viewer: &Viewer, part: &str| {
        world.read(|conn| words::list_containing(conn, viewer, &[sheet, other], part))
    };
    assert_eq!(find(&world.as_person(lou), "photosynth"), [sheet]);
    assert_eq!(find(&world.as_person(lou), "100 %"), [sheet]);
    assert!(find(&world.as_person(lou), "10_").is_empty(), "wildcards mean themselves");
    assert!(find(&world.as_person(lou), "ancienne").is_empty(), "the latest words count");
    for stranger in [world.as_person(max), world.as_person(pupil), Viewer::Anonymous] {
        assert!(find(&stranger, "photosynth").is_empty(), "{stranger:?}");
    }
    world.write(|tx| balado_store::renditions::delete_of_deposit(tx, sheet));
    assert!(find(&world.as_person(lou), "photosynth").is_empty(), "they go with the outputs");
});
