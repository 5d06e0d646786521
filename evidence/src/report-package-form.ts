import { decodeBlock } from './block.ts'
import { openCar } from './car.ts'

/** First words of a report package's root. */
export const REPORT_PACKAGE_FORMAT = 'tanlian/report-package/1'

/** True where a file's root says that it is a report package: a caller that takes either kind asks first. @throws TanlianError E_CAR_…, E_BLOCK_NOT_CANONICAL */
export function isReportPackage(bytes: Uint8Array): boolean {
  const root = decodeBlock(openCar(bytes).header.bytes)
  return typeof root === 'object' && root !== null && 'format' in root && root.format === REPORT_PACKAGE_FORMAT
}
