import type { ReportJob, ReportNews } from './report.worker.ts'

/** Does a report again in a worker of its own; aborting ends the worker. */
export function runReport(job: ReportJob, signal?: AbortSignal): Promise<ReportNews> {
  const worker = new Worker(new URL('./report.worker.ts', import.meta.url), { type: 'module' })
  return new Promise<ReportNews>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason))
    worker.onmessage = ({ data }: MessageEvent<ReportNews>) => resolve(data)
    worker.onerror = (event) => reject(new Error(event.message))
    worker.postMessage(job)
  }).finally(() => worker.terminate())
}
