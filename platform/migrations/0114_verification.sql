-- The work between a report and an opinion (核查工作): findings with their conversation on the row that they are about, and site visits. Conflicts of
-- interest are declared, or found among what the parties' profiles and members have in common. What is signed in the end is a document in the log.
create table verification_finding (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  report bytea not null check (octet_length(report) = 32),
  -- The verifier that raised it.
  organization bigint not null,
  -- What it is about: `input/GROUP/ROW/NAME`, `output/NAME`, `key/HEX` of a reading, or words.
  subject text not null check (char_length(subject) between 1 and 200),
  rule text check (char_length(rule) between 1 and 80),
  severity text not null check (severity in ('info', 'question', 'hold')),
  state text not null check (state in ('open', 'answered', 'closed')),
  created_ms bigint not null
);
create index verification_finding_report on verification_finding (report, created_ms);

create table verification_message (
  id bigint generated always as identity primary key,
  finding text not null references verification_finding,
  organization bigint not null,
  who text not null,
  kind text not null check (kind in ('finding', 'request', 'answer', 'note', 'closing')),
  words text not null check (char_length(words) between 1 and 4000),
  -- JSON list of digests of attachments of the speaker's organization.
  files text not null,
  at_ms bigint not null
);
create index verification_message_finding on verification_message (finding, id);

create table verification_visit (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  report bytea not null check (octet_length(report) = 32),
  organization bigint not null,
  at_s bigint not null,
  place text not null check (char_length(place) between 1 and 200),
  people text not null check (char_length(people) between 1 and 400),
  words text not null check (char_length(words) between 1 and 8000),
  files text not null,
  created_by text not null,
  created_ms bigint not null
);
create index verification_visit_report on verification_visit (report, at_s);

-- The salt that a conversation's digest in the opinion is made with; it stays with the parties.
create table verification_salt (
  report bytea not null check (octet_length(report) = 32),
  organization bigint not null,
  salt bytea not null check (octet_length(salt) = 16),
  primary key (report, organization)
);

create table conflict (
  organization bigint not null,
  other bigint not null check (other <> organization),
  reason text not null check (char_length(reason) between 1 and 80),
  declared_by text not null,
  declared_ms bigint not null,
  primary key (organization, other)
);
