//! Schools, groups, persons, memberships, guardianships.

use crate::world::*;
use balado_domain::people::{Guardianship, Identity, Role};
use balado_domain::{Audience, AudienceTarget};
use balado_store::people;
use chrono::NaiveDate;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

both_engines!(a_school_and_its_years_come_back_as_they_were_stored, |world| {
    let mut school = world.read(|conn| people::get_school(conn, world.school.id));
    assert_eq!(school, world.school);
    school.name = "Collège renommé".to_owned();
    school.accent = None;
    school.pupil_quota_bytes = i64::MAX;
    world.write(|tx| people::update_school(tx, &school));
    assert_eq!(world.read(|conn| people::find_school_by_uai(conn, "0693331W")), Some(school));
    assert_eq!(world.read(|conn| people::find_school_by_uai(conn, "0000000X")), None);

    let mut next = a_year(&world.school);
    next.label = "2027-2028".to_owned();
    next.starts_on = day(2027, 9, 1);
    next.ends_on = day(2028, 8, 31);
    world.write(|tx| people::insert_school_year(tx, &next));
    let on = |date| world.read(|conn| people::find_current_school_year(conn, world.school.id, date));
    assert_eq!(on(day(2026, 8, 31)), None);
    assert_eq!(on(day(2026, 9, 1)), Some(world.year.clone()), "the first day belongs to the year");
    assert_eq!(on(day(2027, 8, 31)), Some(world.year.clone()), "the last day belongs to the year");
    assert_eq!(on(day(2027, 9, 1)), Some(next.clone()));
    assert_eq!(
        world.read(|conn| people::list_school_years(conn, world.school.id)),
        [next, world.year.clone()]
    );
    assert_eq!(world.read(|conn| people::get_school_year(conn, world.year.id)), world.year);
});

both_engines!(a_group_is_found_by_its_name_in_its_year, |world| {
    let fifth = world.group("5eB");
    let sixth = world.group("6eA");
    let found = world.read(|conn| people::find_group_by_name(conn, world.year.id, "5eB")).unwrap();
    assert_eq!(found.id, fifth);
    let mut renamed = found.clone();
    renamed.name = "5eC".to_owned();
    renamed.year_level = None;
    world.write(|tx| people::update_group(tx, &renamed));
    assert_eq!(world.read(|conn| people::get_group(conn, fifth)), renamed);
    let listed = world.read(|conn| people::list_groups_of_school(conn, world.year.id));
    assert_eq!(listed.iter().map(|group| group.id).collect::<Vec<_>>(), [fifth, sixth]);
    let some = world.read(|conn| people::list_groups(conn, &[sixth, fresh!(GroupId)]));
    assert_eq!(some.len(), 1);
    assert!(world.read(|conn| people::list_groups(conn, &[])).is_empty());
    let twin = world.try_write(|tx| {
        people::insert_group(tx, &balado_domain::people::Group { id: fresh!(GroupId), ..renamed.clone() })
    });
    assert!(twin.unwrap_err().is_conflict_on("groups(school_year_id,name)"));
});

both_engines!(a_person_is_found_by_an_identity_that_is_unique, |world| {
    let mut person = a_person("lou");
    person.quota_bytes = Some(7);
    person.disabled_at = Some(at(5));
    world.write(|tx| people::insert_person(tx, &person));
    assert_eq!(world.read(|conn| people::get_person(conn, person.id)), person);
    person.email = None;
    person.disabled_at = None;
    world.write(|tx| people::update_person(tx, &person));

    let mut identity = Identity {
        id: fresh!(IdentityId),
        person_id: person.id,
        provider: "local".to_owned(),
        subject: "lou.martin".to_owned(),
        secret_hash: None,
    };
    world.write(|tx| people::insert_identity(tx, &identity));
    world.write(|tx| people::set_identity_secret(tx, identity.id, Some("$argon2id$…")));
    identity.secret_hash = Some("$argon2id$…".to_owned());
    let find = |provider: &str, subject: &str| {
        world.read(|conn| people::find_person_by_identity(conn, provider, subject))
    };
    assert_eq!(find("local", "lou.martin"), Some((person.clone(), identity.clone())));
    assert_eq!(find("cas:ac", "lou.martin"), None, "the same name at another provider is somebody else");
    assert_eq!(find("local", "LOU.MARTIN"), None, "subjects are compared as they are written");
    assert_eq!(world.read(|conn| people::list_identities(conn, person.id)), [identity.clone()]);
    let twin = Identity { id: fresh!(IdentityId), person_id: world.person("max"), ..identity };
    let collision = world.try_write(|tx| people::insert_identity(tx, &twin)).unwrap_err();
    assert!(collision.is_conflict_on("identities(provider,subject)"));
    world.write(|tx| people::lock_person(tx, person.id));
});

both_engines!(members_are_those_whose_membership_holds, |world| {
    let group = world.group("5eB");
    let lou = world.pupil("lou", group);
    let zoe = world.pupil("zoe", group);
    world.member(lou, world.school.id, Role::Pupil, Some(group));
    let teacher = world.teacher("max", group);
    let gone = world.pupil("gone", group);
    let mut off = world.read(|conn| people::get_person(conn, gone));
    off.disabled_at = Some(at(-1));
    world.write(|tx| people::update_person(tx, &off));
    let membership =
        world.read(|conn| people::find_membership(conn, zoe, world.school.id, Role::Pupil, Some(group)));
    world.write(|tx| people::end_membership(tx, membership.unwrap().id, at(10)));

    let pupils = |now| {
        let listed = world.read(|conn| people::list_members(conn, group, Role::Pupil, at(now)));
        listed.into_iter().map(|person| person.id).collect::<Vec<_>>()
    };
    assert_eq!(pupils(-501), [], "before it began");
    assert_eq!(pupils(-500), [lou, zoe], "from its first instant, each once, nobody switched off");
    assert_eq!(pupils(9), [lou, zoe]);
    assert_eq!(pupils(10), [lou], "its end is exclusive");
    let teachers =
        world.read(|conn| people::list_school_members(conn, world.school.id, Role::Teacher, at(0)));
    assert_eq!(teachers.iter().map(|person| person.id).collect::<Vec<_>>(), [teacher]);
    let school_wide =
        world.read(|conn| people::find_membership(conn, lou, world.school.id, Role::Pupil, None));
    assert_eq!(school_wide, None, "a membership of a group is not one of the whole school");
    let all = world.read(|conn| people::list_memberships(conn, lou));
    assert_eq!(all.len(), 2);
    let delegated = balado_domain::people::Membership {
        school_year_id: Some(world.year.id),
        subject: Some("SVT".to_owned()),
        valid_until: Some(at(3600)),
        delegated_by: Some(teacher),
        ..a_membership(lou, world.school.id, Role::Assistant, None)
    };
    world.write(|tx| people::insert_membership(tx, &delegated));
    assert_eq!(
        world.read(|conn| people::find_membership(conn, lou, world.school.id, Role::Assistant, None)),
        Some(delegated)
    );
});

both_engines!(an_audience_becomes_people_each_once, |world| {
    let (fifth, sixth) = (world.group("5eB"), world.group("6eA"));
    let lou = world.pupil("lou", fifth);
    world.member(lou, world.school.id, Role::Pupil, Some(sixth));
    let zoe = world.pupil("zoe", sixth);
    let teacher = world.teacher("max", fifth);
    let (other, other_year) = world.another_school();
    let elsewhere = world.group_of(&other_year, "5eB");
    let far = world.person("far");
    world.member(far, other.id, Role::Pupil, Some(elsewhere));

    let reach = |targets: &[AudienceTarget], roles: &[Role]| {
        let audience = Audience { targets: targets.to_vec() };
        let mut people = world.read(|conn| people::people_in_audience(conn, &audience, roles, at(NOW)));
        people.sort();
        people
    };
    let sorted = |mut people: Vec<balado_domain::PersonId>| {
        people.sort();
        people
    };
    let both = [AudienceTarget::Group(fifth), AudienceTarget::Group(sixth)];
    assert_eq!(reach(&both, &[Role::Pupil]), sorted(vec![lou, zoe]));
    assert_eq!(reach(&both, &[Role::Pupil, Role::Teacher]), sorted(vec![lou, zoe, teacher]));
    assert_eq!(reach(&[AudienceTarget::School(world.school.id)], &[Role::Pupil]), sorted(vec![lou, zoe]));
    assert_eq!(reach(&[AudienceTarget::Person(far)], &[Role::Pupil]), [far]);
    assert_eq!(reach(&[AudienceTarget::Person(far)], &[Role::Teacher]), []);
    assert_eq!(reach(&[AudienceTarget::Public], &[Role::Pupil]), []);
    assert_eq!(reach(&[], &[Role::Pupil]), []);
    assert_eq!(reach(&both, &[]), []);
});

both_engines!(a_guardianship_given_twice_is_one, |world| {
    let group = world.group("5eB");
    let (lou, zoe) = (world.pupil("lou", group), world.pupil("zoe", group));
    let ines = world.guardian_of("ines", lou);
    let again = Guardianship { guardian_id: ines, pupil_id: lou, school_id: world.school.id };
    world.write(|tx| people::insert_guardianship(tx, &again));
    let ids = |list: Vec<balado_domain::people::Person>| list.iter().map(|p| p.id).collect::<Vec<_>>();
    assert_eq!(ids(world.read(|conn| people::list_children(conn, ines))), [lou]);
    assert_eq!(ids(world.read(|conn| people::list_guardians(conn, lou))), [ines]);
    assert!(world.read(|conn| people::is_guardian(conn, ines, lou)));
    assert!(!world.read(|conn| people::is_guardian(conn, ines, zoe)));
    assert!(!world.read(|conn| people::is_guardian(conn, lou, ines)), "not the other way round");
    let some = world.read(|conn| people::list_persons(conn, &[lou, ines, fresh!(PersonId)]));
    assert_eq!(some.len(), 2);
});
