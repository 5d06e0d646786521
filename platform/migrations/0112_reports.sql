-- Reports being prepared (报告草稿): an organization's own working copies. What was handed in is a document in the log and no longer a draft.
create table report_draft (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  organization bigint not null check (organization > 0),
  type text not null check (type in ('month', 'year')),
  subject text not null check (char_length(subject) between 1 and 200),
  period text not null,
  zone text not null,
  from_s bigint not null,
  to_s bigint not null check (to_s > from_s),
  methodology bytea not null check (octet_length(methodology) = 32),
  -- The report that it takes the place of, and why.
  corrects bytea check (octet_length(corrects) = 32),
  reason text,
  -- JSON lists.
  inputs text not null,
  answers text not null,
  -- Goes up by one at each change, so that two people do not write over each other.
  version integer not null check (version > 0),
  created_by text not null,
  created_ms bigint not null,
  changed_ms bigint not null,
  check ((corrects is null) = (reason is null))
);
create index report_draft_organization on report_draft (organization, changed_ms desc);
