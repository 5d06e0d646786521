-- Watching what comes in (实时搜集和预警): rules as data, the alerts that they raise with all that people do about them, and what is sent out because
-- of them. Alerts are the platform's own memory, not a projection: their mark only says which batches were looked at.
create table alert_rule (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  -- Null: a regulator's rule for everybody.
  organization bigint check (organization > 0),
  name text not null check (char_length(name) between 1 and 200),
  kind text not null check (kind in ('threshold', 'rate', 'gap', 'drift', 'quality', 'capture', 'signature', 'counter', 'silence')),
  -- Null: every stream; a type is a prefix of one to three bytes, hex.
  stream bigint,
  type text check (type ~ '^([0-9a-f]{2}){1,3}$'),
  severity text not null check (severity in ('info', 'warning', 'critical')),
  settings text not null,
  mail text not null,
  enabled boolean not null,
  created_by text not null,
  created_ms bigint not null
);
create index alert_rule_organization on alert_rule (organization);

create table alert (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  rule text not null references alert_rule on delete cascade,
  organization bigint not null,
  -- 0: the organization as a whole.
  stream bigint not null,
  device text,
  severity text not null,
  state text not null check (state in ('open', 'acknowledged', 'resolved')),
  assignee text,
  muted_until_ms bigint,
  opened_ms bigint not null,
  last_ms bigint not null,
  times bigint not null,
  sequence bigint,
  from_s bigint not null,
  to_s bigint not null,
  detail text not null
);
-- One alert of a rule and stream stands at a time; it is raised again, not doubled.
create unique index alert_standing on alert (rule, organization, stream) where state <> 'resolved';
create index alert_organization on alert (organization, last_ms desc);
create index alert_last on alert (last_ms desc);

create table alert_note (
  id bigint generated always as identity primary key,
  alert text not null references alert on delete cascade,
  at_ms bigint not null,
  who text not null,
  what text not null check (what in ('opened', 'acknowledged', 'assigned', 'commented', 'muted', 'resolved')),
  words text
);
create index alert_note_alert on alert_note (alert, id);

create table webhook (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  organization bigint not null check (organization > 0),
  url text not null check (char_length(url) between 1 and 500),
  created_by text not null,
  created_ms bigint not null
);
create index webhook_organization on webhook (organization);

create table delivery (
  id bigint generated always as identity primary key,
  organization bigint not null,
  alert text not null references alert on delete cascade,
  channel text not null check (channel in ('mail', 'webhook')),
  target text not null,
  body text not null,
  state text not null check (state in ('waiting', 'sent', 'failed')),
  attempts integer not null default 0,
  next_ms bigint not null,
  failure text
);
create index delivery_waiting on delivery (next_ms) where state = 'waiting';
create index delivery_organization on delivery (organization, id);

-- Readings that came again and were refused, by the day of the refusal; they are in no batch.
create table refused_overlap (
  organization bigint not null,
  stream bigint not null,
  day_s bigint not null,
  times bigint not null,
  primary key (organization, stream, day_s)
);

-- A receipt whose entry was not in the log when it had to be (S8). It stays listed for ever, also once the entry is there.
create table complaint (
  kind smallint not null check (kind in (1, 2)),
  organization bigint not null,
  sequence bigint not null,
  digest bytea not null unique check (octet_length(digest) = 32),
  receipt bytea not null,
  made_ms bigint not null,
  -- What the chain said when it was made.
  chain_block bigint not null,
  log_size bigint not null,
  head_sequence bigint not null,
  settled_index bigint,
  settled_ms bigint,
  primary key (organization, kind, sequence),
  check ((settled_index is null) = (settled_ms is null))
);
create index complaint_made on complaint (made_ms desc, digest);
