import * as z from 'zod'
import type { App } from '../app.ts'
import { Digest, Id, NoQuery, Text, Time } from '../form.ts'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { Page, pageFrom, pageOf } from '../page.ts'
import { notFound } from '../policy.ts'
import { enrolKey, revokeKey } from './key.ts'
import { deviceOf, listDevices } from './view.ts'
import './schema.ts'

const DeviceName = Text(200).meta({ description: 'Name of the device, as batches declare it' })
const Counter = z.int().min(0)
const Key = z
  .object({
    kind: z.enum(['ed25519', 'certificate']),
    key: z.string(),
    device: z.string(),
    firstCounter: z.number(),
    lastCounter: z.number().nullable(),
    enrolled: Time,
    revoked: Time.nullable(),
    reason: z.string().nullable(),
  })
  .meta({
    id: 'DeviceKey',
    description: 'A device’s key or certificate; revoked ones stay, with their last good counter',
  })
const Device = z
  .object({
    device: z.string(),
    streams: z.array(
      z.object({
        stream: z.number(),
        type: z.string(),
        interval: z.number(),
        since: z.number(),
        key: z.string().nullable(),
        more: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        received: Time.nullable(),
      }),
    ),
    keys: z.array(Key),
  })
  .meta({ id: 'Device', description: 'A device: the streams that batches declare for it, and its keys' })
const Replaces = z
  .strictObject({ key: Digest, lastCounter: Counter })
  .nullable()
  .default(null)
  .meta({ description: 'The key in use until now and the last counter it signed' })
const Enrolment = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ed25519'),
    key: Digest.meta({ description: 'Raw public key, 32 bytes of hex' }),
    firstCounter: Counter,
    expires: z.int().min(0).meta({ description: 'Unix seconds, at most a day ahead' }),
    signature: z
      .string()
      .regex(/^[0-9a-f]{128}$/, 'is not 128 lower-case hex digits')
      .meta({ description: 'Ed25519 by the key over the DAG-CBOR of the statement' }),
    replaces: Replaces,
  }),
  z.strictObject({
    kind: z.literal('certificate'),
    key: Digest.meta({ description: 'SHA-256 of the certificate’s DER' }),
    firstCounter: Counter.default(0),
    replaces: Replaces,
  }),
])

/** The device registry of an organization: what its batches declare, and enrolment, rotation and revocation of keys. */
export function deviceRoutes(app: App, instance: Instance) {
  const tags = ['devices']
  const params = z.strictObject({ id: Id })
  const one = z.strictObject({ id: Id, device: DeviceName })

  app.get(
    '/v1/organizations/:id/devices',
    {
      schema: {
        tags,
        summary: 'Devices of an organization by name, with their streams and keys',
        params,
        querystring: z.strictObject(pageOf(DeviceName)),
        response: { 200: Page(Device) },
      },
    },
    async (request) => {
      const { after = '', limit } = request.query
      const organization = await requireOrganization(instance, request.params.id)
      return pageFrom(await listDevices(instance, organization, after, limit + 1), limit, ({ device }) => device)
    },
  )

  app.get(
    '/v1/organizations/:id/devices/:device',
    { schema: { tags, summary: 'One device', params: one, querystring: NoQuery, response: { 200: Device } } },
    async (request) => {
      const found = await deviceOf(instance, request.params.id, request.params.device)
      if (found === undefined) throw notFound()
      return found
    },
  )

  app.post(
    '/v1/organizations/:id/devices/:device/keys',
    {
      schema: {
        tags,
        summary: 'Enrol a device’s key with proof of possession, or its certificate; or rotate it',
        description:
          'An Ed25519 key signs the canonical DAG-CBOR of {format: "tanlian/device-key/1", chain, log: contract’s 20 bytes, organization, device, key: 32 bytes, firstCounter, expires}.',
        params: one,
        body: Enrolment,
        response: { 201: Key },
      },
    },
    async (request, reply) => {
      const { id, device } = request.params
      const key = await enrolKey(instance, id, device, request.caller.name, request.body)
      return reply.code(201).send(key)
    },
  )

  app.post(
    '/v1/organizations/:id/devices/:device/keys/:key/revocation',
    {
      schema: {
        tags,
        summary: 'Revoke a device’s key with its last good counter',
        params: z.strictObject({ id: Id, device: DeviceName, key: Digest }),
        body: z.strictObject({ lastCounter: z.int().min(-1), reason: Text(500) }),
        response: { 200: Key },
      },
    },
    (request) => {
      const { id, device, key } = request.params
      return revokeKey(instance, { organization: id, device, key, ...request.body, by: request.caller.name })
    },
  )
}
