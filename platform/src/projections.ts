import type { ErrorValues } from '@tanlian/units'
import type { App } from './app.ts'
import type { Instance } from './instance.ts'
import { monitoringProjection } from './monitoring/watch.ts'
import { openFollower } from './series/follow.ts'
import { countOverlap } from './series/overlap.ts'
import { seriesProjection } from './series/project.ts'

/** Keeps what is folded from accepted batches up to date for as long as the application runs. */
export function followBatches(app: App, instance: Instance) {
  const tell = (facts: { readonly organization: number; readonly sequence: number }) =>
    instance.events.emit('projected', { organization: facts.organization, sequence: facts.sequence })
  const follower = openFollower(instance, [
    monitoringProjection(instance),
    { ...seriesProjection(instance), done: tell },
  ])
  const follow = () => {
    follower
      .follow()
      .catch((error) => instance.logger.error({ err: error }, 'charts and figures could not follow the batches'))
  }
  const count = ({ organization, code, values }: { organization: number; code: string; values: ErrorValues }) => {
    if (code !== 'E_AUDIT_OVERLAP' || typeof values.stream !== 'number') return
    countOverlap(instance, organization, values.stream).catch((error) =>
      instance.logger.warn({ err: error }, 'a repeated reading could not be counted'),
    )
  }
  instance.events.on('accepted', follow)
  instance.events.on('refused', count)
  app.addHook('onReady', async () => follow())
  app.addHook('onClose', async () => {
    instance.events.off('accepted', follow)
    instance.events.off('refused', count)
    await follower.stop()
  })
}
