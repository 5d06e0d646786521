-- Which batches have sealed chunks, and who may read what of them. All of it is read from the blocks themselves: a batch's readers are the keys
-- that its sealed blocks name.
create table sealed_batch (
  -- Of the header.
  digest bytea primary key check (octet_length(digest) = 32),
  organization bigint not null check (organization > 0),
  sequence bigint not null check (sequence > 0),
  index_digest bytea not null unique check (octet_length(index_digest) = 32),
  -- Whether the platform could open and audit all of it; otherwise it was accepted on its form.
  audited boolean not null,
  -- H of each key that opens every sealed block of it, and of each that opens at least one.
  readers bytea[] not null,
  named bytea[] not null,
  unique (organization, sequence)
);

create table sealed_block (
  digest bytea primary key check (octet_length(digest) = 32),
  organization bigint not null,
  sequence bigint not null,
  sort text not null check (sort in ('chunk', 'frame')),
  -- H of the plain block, which is never stored.
  plain bytea not null check (octet_length(plain) = 32),
  -- Of a chunk: its stream, and the starts of its first and last reading.
  stream bigint,
  first_s bigint,
  last_s bigint,
  readers bytea[] not null,
  foreign key (organization, sequence) references sealed_batch (organization, sequence),
  check ((sort = 'chunk') = (stream is not null and first_s is not null and last_s is not null))
);
create index sealed_block_plain on sealed_block (organization, plain) where sort = 'frame';
create index sealed_block_stream on sealed_block (organization, stream, last_s) where sort = 'chunk';

-- Keys for which others seal, as the organizations' own logged documents of kind `reader-key` list them. A key is one organization's for ever.
create table reader_key (
  key bytea primary key check (octet_length(key) = 32),
  -- H of the key.
  id bytea not null unique check (octet_length(id) = 32),
  organization bigint not null check (organization > 0),
  -- The document that listed it first, and the one that left it out.
  since_sequence bigint not null,
  ended_sequence bigint
);
create index reader_key_organization on reader_key (organization, since_sequence, key);
