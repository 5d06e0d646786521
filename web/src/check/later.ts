// What the page needs only once a report or a proof of equivocation is opened: it is fetched after the first picture, in one file.
export { checkEquivocation } from '@tanlian/evidence'
export { showEquivocation } from './equivocation.ts'
export { checkReport, savedReport, showReport } from './report.ts'
