-- What the chain said, as far as it was read (S29: all of it can be deleted and read again), and what we want it to do (the outbox, S31).
create table chain_event (
  block bigint not null,
  log_index bigint not null,
  event text not null,
  primary key (block, log_index)
);

create table chain_mark (
  number bigint primary key,
  hash bytea not null check (octet_length(hash) = 32)
);

create table organization (
  id bigint primary key,
  kind smallint not null,
  profile bytea not null,
  recovery bytea not null,
  suspended boolean not null,
  platform bigint,
  requested bigint,
  binding bigint,
  request bigint,
  application bytea,
  recovery_waiting text,
  block bigint not null,
  time_s bigint not null
);

create table application (
  application bytea primary key,
  kind smallint not null,
  profile bytea not null,
  key bytea not null,
  recovery bytea not null,
  batch_key bytea,
  document_key bytea,
  lapses_s bigint not null,
  state text not null check (state in ('open', 'approved', 'refused', 'lapsed')),
  organization bigint,
  regulator bigint,
  reason bytea,
  block bigint not null,
  time_s bigint not null,
  ended_block bigint,
  ended_time_s bigint
);
create index application_state on application (state, block);

create table organization_key (
  key bytea primary key,
  organization bigint not null,
  purpose smallint not null,
  from_sequence bigint not null,
  to_sequence bigint not null,
  active boolean not null,
  block bigint not null,
  ended_block bigint
);
create index organization_key_organization on organization_key (organization);

create table binding (
  id bigint primary key,
  enterprise bigint not null,
  platform bigint not null,
  state text not null check (state in ('requested', 'bound', 'unbound', 'withdrawn', 'replaced')),
  requested_block bigint not null,
  bound_block bigint,
  ended_block bigint,
  ended_by bigint,
  reason bytea
);
create index binding_enterprise on binding (enterprise);
create index binding_platform on binding (platform);

create table head (
  organization bigint not null,
  kind smallint not null,
  sequence bigint not null,
  digest bytea not null,
  primary key (organization, kind)
);

create table entry (
  index bigint primary key,
  kind smallint not null,
  organization bigint not null,
  sequence bigint not null,
  digest bytea not null check (octet_length(digest) = 32),
  signature bytea,
  signer bytea,
  block bigint not null,
  time_s bigint not null,
  transaction bytea not null,
  unique (organization, kind, sequence)
);
create index entry_digest on entry (digest);
create index entry_block on entry (block);
create index entry_transaction on entry (transaction);

create table log_root (
  size bigint primary key,
  root bytea not null check (octet_length(root) = 32),
  block bigint not null,
  time_s bigint not null,
  transaction bytea not null
);
create index log_root_block on log_root (block);

create table intent (
  id text primary key check (char_length(id) between 1 and 200),
  place bigint generated always as identity,
  kind text not null check (kind in ('entry', 'act')),
  target bytea not null,
  data bytea not null,
  created_ms bigint not null,
  state text not null check (state in ('waiting', 'carried', 'done', 'failed')),
  nonce bigint,
  transaction bytea,
  block bigint,
  failure text
);
create index intent_waiting on intent (place) where state = 'waiting';
create index intent_unfinished on intent (state) where state in ('waiting', 'carried');

-- Signed bytes are kept here before they are sent (R28).
create table outbox_transaction (
  sender bytea not null,
  nonce bigint not null,
  target bytea not null,
  intents text not null,
  gas bigint not null,
  attempts text not null,
  included text,
  state text not null check (state in ('signed', 'included', 'done', 'final')),
  primary key (sender, nonce)
);
create index outbox_transaction_open on outbox_transaction (sender, nonce) where state <> 'final';
