-- Streams of every organization by device and name, to be found by whoever types a meter's number. A projection of the streams blocks: it can be
-- deleted and is then read again.
create table stream_index (
  organization bigint not null,
  stream bigint not null,
  type text not null check (type ~ '^[0-9a-f]{6}$'),
  device text not null,
  label text not null,
  search text not null,
  primary key (organization, stream)
);

-- The last batch whose streams block was read.
create table stream_index_mark (
  organization bigint primary key,
  sequence bigint not null,
  streams bytea not null check (octet_length(streams) = 32)
);
