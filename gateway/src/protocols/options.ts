import type { ProtocolName } from '../arrival.ts'
import { fields, integer, type Place, refused, text, wanted } from '../document.ts'

/** Where a server of the gateway listens. */
export interface ListenAt {
  readonly host: string
  /** 0 takes any that is free. */
  readonly port: number
}

export interface Hj212Options extends ListenAt {
  /** Connections at once. */
  readonly connections: number
  /** Seconds without a byte after which a connection is closed. */
  readonly idle: number
}

/** Files in PEM: the gateway's own certificate and key, and the authority that signs its devices' certificates. */
export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
  readonly authority: string
}

export interface MqttOptions {
  /** The embedded broker. */
  readonly broker?: ListenAt & CertificateFiles
  /** A broker outside, whose topics are read with the gateway's own certificate where it has one. */
  readonly outside?: OutsideBroker
}

export interface OutsideBroker {
  /** `mqtts://host:8883`, or `mqtt://` to this machine. */
  readonly url: string
  /** Names the gateway's session at the broker. */
  readonly client: string
  readonly files?: CertificateFiles
}

export interface SparkplugOptions extends OutsideBroker {
  /** Group of the edge nodes. */
  readonly group: string
  /** Its id as a host application, by which edge nodes name their primary host. */
  readonly host: string
}

export interface FileOptions {
  /** The folder that is watched: below it one folder a device. */
  readonly folder: string
  /** Seconds between two looks. */
  readonly every: number
}

export type HttpOptions = ListenAt
export type ModbusOptions = Readonly<Record<string, never>>

/** What each protocol is opened with; one that is absent is not opened. */
export interface Listen {
  readonly hj212?: Hj212Options
  readonly mqtt?: MqttOptions
  readonly 'sparkplug-b'?: SparkplugOptions
  readonly 'modbus-tcp'?: ModbusOptions
  readonly http?: HttpOptions
  readonly file?: FileOptions
}

/** The `listen` part of a plant file. @throws TanlianError E_PLANT */
export function readListen(place: Place, path: (name: string) => string): Listen {
  const f = fields(place, ['hj212', 'mqtt', 'sparkplug-b', 'modbus-tcp', 'http', 'file'] satisfies ProtocolName[])
  return {
    ...(f.hj212 && { hj212: readHj212(f.hj212) }),
    ...(f.mqtt && { mqtt: readMqtt(f.mqtt, path) }),
    ...(f['sparkplug-b'] && { 'sparkplug-b': readSparkplug(f['sparkplug-b'], path) }),
    ...(f['modbus-tcp'] && { 'modbus-tcp': fields(f['modbus-tcp'], []) as ModbusOptions }),
    ...(f.http && { http: readListenAt(f.http) }),
    ...(f.file && { file: readFile(f.file, path) }),
  }
}

function readHj212(place: Place): Hj212Options {
  const f = fields(place, ['host', 'port', 'connections', 'idle'])
  return {
    ...hostAndPort(place, f),
    connections: f.connections === undefined ? 1000 : integer(f.connections, 1, 10_000),
    idle: f.idle === undefined ? 3600 : integer(f.idle, 1, 86_400),
  }
}

function readMqtt(place: Place, path: (name: string) => string): MqttOptions {
  const f = fields(place, ['broker', 'outside'])
  if (f.broker === undefined && f.outside === undefined) throw refused(place, 'has neither a broker nor one outside')
  const b = f.broker && fields(f.broker, ['host', 'port', 'certificate', 'key', 'authority'])
  const o = f.outside && fields(f.outside, ['url', 'client', 'certificate', 'key', 'authority'])
  return {
    ...(f.broker && b && { broker: { ...hostAndPort(f.broker, b), ...readFiles(f.broker, b, path) } }),
    ...(f.outside && o && { outside: readOutside(f.outside, o, path) }),
  }
}

function readSparkplug(place: Place, path: (name: string) => string): SparkplugOptions {
  const f = fields(place, ['url', 'client', 'certificate', 'key', 'authority', 'group', 'host'])
  const outside = readOutside(place, f, path)
  const host = f.host === undefined ? outside.client : text(f.host, 60)
  if (/[+#/]/.test(host)) throw refused(f.host ?? place, 'is a host with a sign that topics use')
  return { ...outside, group: text(wanted(f.group, place, 'group'), 60), host }
}

type OutsideFields = Partial<Record<'url' | 'client' | 'certificate' | 'key' | 'authority', Place>>

function readOutside(place: Place, f: OutsideFields, path: (name: string) => string): OutsideBroker {
  const urlPlace = wanted(f.url, place, 'url')
  const url = text(urlPlace)
  if (!URL.canParse(url) || !/^mqtts?:$/.test(new URL(url).protocol))
    throw refused(urlPlace, 'is not of the form mqtts://host:port')
  const secured = f.certificate !== undefined || f.key !== undefined || f.authority !== undefined
  return {
    url,
    client: text(wanted(f.client, place, 'client'), 60),
    ...(secured ? { files: readFiles(place, f, path) } : {}),
  }
}

function readFiles(place: Place, f: OutsideFields, path: (name: string) => string): CertificateFiles {
  return {
    certificate: path(text(wanted(f.certificate, place, 'certificate'))),
    key: path(text(wanted(f.key, place, 'key'))),
    authority: path(text(wanted(f.authority, place, 'authority'))),
  }
}

function readFile(place: Place, path: (name: string) => string): FileOptions {
  const f = fields(place, ['folder', 'every'])
  return {
    folder: path(text(wanted(f.folder, place, 'folder'))),
    every: f.every === undefined ? 10 : integer(f.every, 1, 3600),
  }
}

function readListenAt(place: Place): ListenAt {
  return hostAndPort(place, fields(place, ['host', 'port']))
}

function hostAndPort(place: Place, f: Partial<Record<'host' | 'port', Place>>): ListenAt {
  return {
    host: f.host === undefined ? '127.0.0.1' : text(f.host),
    port: integer(wanted(f.port, place, 'port'), 0, 65_535),
  }
}
