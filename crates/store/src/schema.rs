//! The tables as diesel knows them, kept by hand in the order of the migrations.

diesel::table! {
    schools (id) {
        id -> Text,
        uai -> Nullable<Text>,
        name -> Text,
        locale -> Text,
        timezone -> Text,
        accent -> Nullable<Text>,
        teacher_quota_bytes -> BigInt,
        pupil_quota_bytes -> BigInt,
        recipe -> Nullable<Text>,
    }
}

diesel::table! {
    school_years (id) {
        id -> Text,
        school_id -> Text,
        label -> Text,
        starts_on -> Date,
        ends_on -> Date,
    }
}

diesel::table! {
    groups (id) {
        id -> Text,
        school_id -> Text,
        school_year_id -> Text,
        name -> Text,
        kind -> Text,
        year_level -> Nullable<Text>,
    }
}

diesel::table! {
    persons (id) {
        id -> Text,
        given_name -> Text,
        family_name -> Text,
        email -> Nullable<Text>,
        locale -> Nullable<Text>,
        quota_bytes -> Nullable<BigInt>,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    identities (id) {
        id -> Text,
        person_id -> Text,
        provider -> Text,
        subject -> Text,
        secret_hash -> Nullable<Text>,
    }
}

diesel::table! {
    memberships (id) {
        id -> Text,
        person_id -> Text,
        school_id -> Text,
        school_year_id -> Nullable<Text>,
        role -> Text,
        group_id -> Nullable<Text>,
        subject -> Nullable<Text>,
        valid_from -> Timestamp,
        valid_until -> Nullable<Timestamp>,
        delegated_by -> Nullable<Text>,
    }
}

diesel::table! {
    guardianships (guardian_id, pupil_id) {
        guardian_id -> Text,
        pupil_id -> Text,
        school_id -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        id_hash -> Text,
        person_id -> Text,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> Text,
        person_id -> Text,
        token_hash -> Text,
        label -> Text,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sign_in_failures (key) {
        key -> Text,
        failures -> Integer,
        blocked_until -> Nullable<Timestamp>,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    deposits (id) {
        id -> Text,
        school_id -> Text,
        school_year_id -> Text,
        owner_id -> Text,
        purpose -> Text,
        original_name -> Text,
        family -> Nullable<Text>,
        media_type -> Nullable<Text>,
        state -> Text,
        size_bytes -> BigInt,
        sha256 -> Nullable<Text>,
        failure_code -> Nullable<Text>,
        derived_from -> Nullable<Text>,
        created_at -> Timestamp,
        received_at -> Nullable<Timestamp>,
        ready_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    uploads (deposit_id) {
        deposit_id -> Text,
        owner_id -> Text,
        length -> Nullable<BigInt>,
        received -> BigInt,
        reserved_bytes -> BigInt,
        metadata -> Text,
        writer -> Nullable<Text>,
        writer_until -> Nullable<Timestamp>,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    upload_segments (deposit_id, start_byte) {
        deposit_id -> Text,
        start_byte -> BigInt,
        size_bytes -> BigInt,
        object_key -> Text,
    }
}

diesel::table! {
    renditions (id) {
        id -> Text,
        deposit_id -> Text,
        school_id -> Text,
        kind -> Text,
        recipe -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
        duration_ms -> Nullable<BigInt>,
        width -> Nullable<Integer>,
        height -> Nullable<Integer>,
        pages -> Nullable<Integer>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        lane -> Text,
        school_id -> Nullable<Text>,
        deposit_id -> Nullable<Text>,
        task -> Text,
        unique_key -> Text,
        state -> Text,
        priority -> Integer,
        run_at -> Timestamp,
        attempts -> Integer,
        max_attempts -> Integer,
        lease -> Nullable<Text>,
        leased_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        progress_permille -> Integer,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        remaining_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    lane_turns (lane, school_id) {
        lane -> Text,
        school_id -> Text,
        served_at -> Timestamp,
    }
}

diesel::table! {
    deposit_words (deposit_id) {
        deposit_id -> Text,
        words -> Text,
    }
}

diesel::table! {
    publications (id) {
        id -> Text,
        school_id -> Text,
        school_year_id -> Text,
        deposit_id -> Text,
        author_id -> Text,
        title -> Text,
        description -> Text,
        language -> Text,
        stage -> Text,
        hold_reason -> Nullable<Text>,
        publish_at -> Timestamp,
        until_at -> Nullable<Timestamp>,
        pub_date -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        enclosure_id -> Nullable<Text>,
        file_name -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    publication_audiences (publication_id, kind, target_id) {
        publication_id -> Text,
        kind -> Text,
        target_id -> Text,
    }
}

diesel::table! {
    publication_tags (publication_id, tag) {
        publication_id -> Text,
        tag -> Text,
    }
}

diesel::table! {
    publication_links (publication_id, position) {
        publication_id -> Text,
        position -> Integer,
        url -> Text,
        label -> Text,
    }
}

diesel::table! {
    publication_companions (publication_id, position) {
        publication_id -> Text,
        position -> Integer,
        deposit_id -> Text,
    }
}

diesel::table! {
    feeds (id) {
        id -> Text,
        school_id -> Text,
        kind -> Text,
        scope_id -> Text,
        guid -> Text,
        revision -> BigInt,
        revised_at -> Timestamp,
        created_at -> Timestamp,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> Text,
        school_id -> Text,
        holder_id -> Text,
        beneficiary_id -> Text,
        feed_id -> Text,
        label -> Text,
        generation -> BigInt,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        last_polled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    subscription_tokens (token_hash) {
        token_hash -> Text,
        purpose -> Text,
        subscription_id -> Text,
        generation -> BigInt,
    }
}

diesel::table! {
    fetches (id) {
        id -> Text,
        school_id -> Text,
        subscription_id -> Nullable<Text>,
        beneficiary_id -> Text,
        publication_id -> Text,
        kind -> Text,
        fetched_at -> Timestamp,
    }
}

diesel::table! {
    assignments (id) {
        id -> Text,
        school_id -> Text,
        school_year_id -> Text,
        author_id -> Text,
        title -> Text,
        instructions -> Text,
        model_id -> Nullable<Text>,
        opens_at -> Timestamp,
        due_at -> Timestamp,
        closes_at -> Nullable<Timestamp>,
        accepts -> Text,
        created_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    assignment_audiences (assignment_id, kind, target_id) {
        assignment_id -> Text,
        kind -> Text,
        target_id -> Text,
    }
}

diesel::table! {
    submissions (id) {
        id -> Text,
        assignment_id -> Text,
        school_id -> Text,
        pupil_id -> Text,
        deposit_id -> Text,
        submitted_by -> Text,
        submitted_at -> Timestamp,
        replaced_at -> Nullable<Timestamp>,
        heard_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    events (id) {
        id -> Text,
        school_id -> Text,
        actor_id -> Nullable<Text>,
        at -> Timestamp,
        kind -> Text,
        body -> Text,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> Text,
        at -> Timestamp,
        actor_id -> Nullable<Text>,
        on_behalf_of -> Nullable<Text>,
        verb -> Text,
        object_kind -> Text,
        object_id -> Text,
        school_id -> Nullable<Text>,
    }
}

diesel::table! {
    school_modules (school_id, module) {
        school_id -> Text,
        module -> Text,
        enabled -> Bool,
        settings -> Text,
    }
}

diesel::table! {
    notices (id) {
        id -> Text,
        school_id -> Text,
        module -> Text,
        event_id -> Text,
        recipient_id -> Text,
        channel -> Text,
        topic -> Text,
        subject_id -> Text,
        created_at -> Timestamp,
        due_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        read_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    calendar_addresses (id) {
        id -> Text,
        person_id -> Text,
        generation -> BigInt,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    calendar_tokens (token_hash) {
        token_hash -> Text,
        calendar_id -> Text,
        generation -> BigInt,
    }
}

diesel::table! {
    cuts (id) {
        id -> Text,
        deposit_id -> Text,
        school_id -> Text,
        requested_by -> Text,
        wish -> Text,
        state -> Text,
        failure_code -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    cut_parts (cut_id, position) {
        cut_id -> Text,
        position -> Integer,
        deposit_id -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    schools,
    school_years,
    groups,
    persons,
    identities,
    memberships,
    guardianships,
    sessions,
    api_tokens,
    sign_in_failures,
    deposits,
    uploads,
    upload_segments,
    renditions,
    jobs,
    lane_turns,
    deposit_words,
    publications,
    publication_audiences,
    publication_tags,
    publication_links,
    publication_companions,
    feeds,
    subscriptions,
    subscription_tokens,
    fetches,
    assignments,
    assignment_audiences,
    submissions,
    events,
    audit_entries,
    school_modules,
    notices,
    calendar_addresses,
    calendar_tokens,
    cuts,
    cut_parts,
);
