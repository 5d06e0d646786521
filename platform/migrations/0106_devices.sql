-- Keys and certificates by which devices are known. A key is enrolled once, for one device, for ever; revoking one keeps its row, so that what it
-- signed before stays to be told from what it signed after.
create table device_key (
  kind text not null check (kind in ('ed25519', 'certificate')),
  -- The raw public key, or the certificate's SHA-256 fingerprint.
  key bytea not null check (octet_length(key) = 32),
  organization bigint not null check (organization > 0),
  device text not null check (char_length(device) between 1 and 200),
  first_counter bigint not null check (first_counter >= 0),
  -- Greatest counter that still counts; null while it is in use.
  last_counter bigint check (last_counter >= -1),
  enrolled_by text not null,
  enrolled_ms bigint not null,
  revoked_by text,
  revoked_ms bigint,
  reason text,
  primary key (kind, key),
  check ((revoked_ms is null) = (last_counter is null) and (revoked_ms is null) = (reason is null) and (revoked_ms is null) = (revoked_by is null))
);
-- One key of a kind is in use for a device at a time.
create unique index device_key_active on device_key (organization, device, kind) where revoked_ms is null;
