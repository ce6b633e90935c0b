-- The catalogue: one row per version of a product. `id` rises in the order of import, and `created_at`
-- (microseconds since 1970, UTC) never falls with it, so a span of time is a span of ids.
create table records (
    id               integer primary key,
    obs_id           text not null,
    product          text not null,
    version          bigint not null,
    size             bigint not null,
    sha256           text not null,
    content_type     text not null,
    created_at       bigint not null,
    burst_id         text,
    provider         text,
    meta             text,             -- the JSON object as it was sent
    provenance       text,             -- the JSON object as it was sent
    blob             text,             -- where the bytes are in the object store; null: in `payloads`
    retracted_at     bigint,
    retracted_reason text,
    retracted_by     text,
    unique (obs_id, product, version)
);
create index records_by_product on records (product, id);
create index records_by_provider on records (provider, id) where provider is not null;
create index records_by_burst on records (burst_id, id) where burst_id is not null;
create index records_by_time on records (created_at, id);
create index records_by_blob on records (blob) where blob is not null;

-- The bytes of small products, apart from `records` so that a list reads no bytes.
create table payloads (
    record_id integer primary key,
    bytes     blob not null
);

-- The outbox and the feed: what `data.sdb` says, in order, `n` without a gap.
create table announcements (
    n         integer primary key,
    record_id bigint not null,
    retracted bigint not null,         -- 1: withdraws the record, 0: announces it
    at        bigint not null
);

create table idempotency_keys (
    obs_id     text not null,
    product    text not null,
    key        text not null,
    record_id  bigint not null,
    created_at bigint not null,
    primary key (obs_id, product, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- One row: the name of the feed, up to which `n` it is known to be published, how often a process has
-- opened this store, and up to which of those starts its left-over blobs are swept.
create table state (
    only_row  integer primary key check (only_row = 1),
    feed      text not null,
    published bigint not null,
    starts    bigint not null,
    swept     bigint not null
);
