-- Keys by which witnesses cosign the log's checkpoints, as their documents of kind "witness" name them, and the last checkpoint that each cosigned (C2SP tlog-cosignature).
create table cosigner (
  vkey text primary key check (char_length(vkey) between 1 and 400),
  -- Belongs to the organization that used it first, whatever key it goes with.
  name text not null,
  organization bigint not null,
  -- Of the document; an organization's last one counts.
  sequence bigint not null,
  unique (organization, sequence)
);
create index cosigner_name on cosigner (name);

create table cosignature (
  organization bigint primary key,
  vkey text not null references cosigner,
  size bigint not null check (size > 0),
  root bytea not null check (octet_length(root) = 32),
  line text not null,
  time_s bigint not null
);
