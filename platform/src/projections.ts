import type { App } from './app.ts'
import type { Instance } from './instance.ts'
import { openFollower } from './series/follow.ts'
import { seriesProjection } from './series/project.ts'

/** Keeps what is folded from accepted batches up to date for as long as the application runs. */
export function followBatches(app: App, instance: Instance) {
  const tell = (facts: { readonly organization: number; readonly sequence: number }) =>
    instance.events.emit('projected', { organization: facts.organization, sequence: facts.sequence })
  const follower = openFollower(instance, [{ ...seriesProjection(instance), done: tell }])
  const follow = () => {
    follower
      .follow()
      .catch((error) => instance.logger.error({ err: error }, 'charts and figures could not follow the batches'))
  }
  instance.events.on('accepted', follow)
  app.addHook('onReady', async () => follow())
  app.addHook('onClose', async () => {
    instance.events.off('accepted', follow)
    await follower.stop()
  })
}
