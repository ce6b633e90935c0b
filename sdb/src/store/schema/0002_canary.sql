-- The announcements of the canary that are kept so far: few, so that what is outlived is found without a search.
create table canary_announcements (
    n         integer primary key,
    record_id bigint not null
);
