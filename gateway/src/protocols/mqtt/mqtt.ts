import type { Intake } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { readAddress } from '../address.ts'
import { jsonArrival, jsonSamples } from '../json-arrival.ts'
import { metricsOf } from '../json-message.ts'
import type { MqttOptions } from '../options.ts'
import { openPresences } from '../presence.ts'
import type { Channel, Clock, Protocol } from '../protocol.ts'
import { type Listener, openListener, topicOf } from './listener.ts'
import { type OutsideClient, openOutside } from './outside.ts'

/**
 * JSON messages over MQTT 5: from devices that connect here with their certificates, and from a broker outside, whose own access rules must
 * let each device publish to its topic alone (`pattern write tanlian/%u/telemetry`).
 */
export const mqttProtocol = {
  name: 'mqtt',
  async open(
    { broker, outside }: MqttOptions,
    devices: readonly Device[],
    intake: Intake,
    clock: Clock,
  ): Promise<Channel> {
    for (const device of devices) {
      readAddress(device, {})
      metricsOf(device)
    }
    const presences = openPresences(devices)
    const byTopic = new Map(devices.map((device) => [topicOf(device.id), device]))
    const listener: Listener | undefined = broker && (await openListener(broker, devices, presences, intake, clock))
    const away = new Set<string>()
    const client: OutsideClient | undefined =
      outside &&
      (await openOutside(
        outside,
        [topicOf('+')],
        async (topic, payload) => {
          const receivedMs = clock.now()
          const device = byTopic.get(topic)
          const arrival = device === undefined ? 'E_DEVICE_UNKNOWN' : jsonArrival(payload, device, 'mqtt', receivedMs)
          if (typeof arrival === 'string') {
            intake.refuse({ device: device?.id, protocol: 'mqtt', bytes: payload, receivedMs, code: arrival })
            presences.troubled(device?.id, arrival)
            return 'refused'
          }
          const { state } = await intake.keep(arrival)
          if (state === 'conflict') presences.troubled(arrival.device, 'E_DEVICE_CONFLICT')
          else presences.heard(arrival.device, receivedMs)
          return state === 'conflict' ? 'refused' : 'kept'
        },
        (connected, problem) => {
          for (const { id } of devices) {
            if (problem !== undefined) presences.troubled(id, problem)
            if (connected === away.has(id)) continue
            if (connected) away.add(id)
            else away.delete(id)
            presences.connected(id, connected ? 1 : -1)
          }
        },
      ))
    return {
      address: listener?.address ?? outside?.url,
      devices: presences.devices,
      async close() {
        await listener?.close()
        await client?.close()
      },
    }
  },
  samples: jsonSamples,
} satisfies Protocol<MqttOptions>
