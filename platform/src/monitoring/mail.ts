import { createTransport } from 'nodemailer'
import type { Announcement } from './announce.ts'

/** Sends mails through the operator's server. */
export interface Mailer {
  send(to: string, body: string): Promise<void>
  close(): void
}

const TIMEOUT_MS = 15_000

/** @param smtpUrl `smtp://` or `smtps://`, with name and password where the server wants them */
export function openMailer(smtpUrl: string, from: string): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // What a rule says never makes the server read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send(to, body) {
      await transport.sendMail({ from, to, ...letterOf(JSON.parse(body) as { at: string; alert: Announcement }) })
    },
    close: () => transport.close(),
  }
}

const GRADES = { info: '提示', warning: '警告', critical: '严重' } as const

/** The words of a mail: Chinese, then English. */
export function letterOf({ at, alert }: { readonly at: string; readonly alert: Announcement }) {
  if (alert.kind === 'deadline') return reminderOf(at, alert)
  const { severity, rule, organization, stream, device, times, from, to, values } = alert
  const grade = GRADES[severity as keyof typeof GRADES]
  const window = `${new Date(from * 1000).toISOString()} – ${new Date(to * 1000).toISOString()}`
  const found = Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
  const text = [
    `预警（${grade}）：${rule}`,
    `组织 ${organization}，数据流 ${stream === 0 ? '–' : stream}，设备 ${device ?? '–'}，${times} 次`,
    `时间范围 ${window}；${found}`,
    '',
    `Alert (${severity}): ${rule}`,
    `Organization ${organization}, stream ${stream === 0 ? '–' : stream}, device ${device ?? '–'}, ${times} times`,
    `Window ${window}; ${found}`,
    '',
    `${at} · ${alert.id}`,
  ].join('\n')
  return { subject: `[碳链 Tanlian] ${grade} ${severity}: ${rule.replaceAll(/[\r\n]/g, ' ')}`, text }
}

/** A reminder says what is to be done, of which plant, until which day, and how much else is open. */
function reminderOf(at: string, { id, organization, values: { zh, en, period, subject, day, unmet } }: Announcement) {
  const text = [
    `${subject}：${zh}（${period}）须在 ${day} 当日结束前完成。`,
    `组织 ${organization} 共有 ${unmet} 项临近或已过期限；见本企业的“本月”页面。`,
    '',
    `${subject}: ${en} (${period}) is due by the end of ${day}.`,
    `Organization ${organization} has ${unmet} deadlines that are near or have passed; see its page “This month”.`,
    '',
    `${at} · ${id}`,
  ].join('\n')
  const title = `${zh} ${en} ${period}: ${day}`
  return { subject: `[碳链 Tanlian] 期限 deadline: ${title.replaceAll(/[\r\n]/g, ' ')}`, text }
}
