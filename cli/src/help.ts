import { type Arguments, COMMON_ARGS, type Command } from './command.ts'
import { type Language, padTo, type Text, widthOf } from './output.ts'

/** A command of a list, by the word that names it. */
export type Named = readonly [word: string, command: Command]

const EXIT_CODES: Text = {
  en: 'Exit codes: 0 fine, 1 a check failed, 2 usage, 3 not found, 4 network, 5 refused.',
  zh: '退出码：0 正常，1 验证未通过，2 用法错误，3 未找到，4 网络错误，5 被拒绝。',
}

/** What `--help` prints: usage, verbs or arguments, examples. */
export function helpText({ about }: Command, verbs: readonly Named[], language: Language): string {
  const say = (text: Text) => text[language]
  const { name, args, examples } = about
  const full = name === '' ? 'tanlian' : `tanlian ${name}`
  const common: Arguments = COMMON_ARGS
  const flags = Object.entries(args).filter(([, { type }]) => type !== 'positional')
  const places = Object.entries(args).filter(([, { type }]) => type === 'positional')
  const own = verbs.length > 0
  const parts: string[] = [
    say(about.description),
    section(say({ en: 'Usage', zh: '用法' }), [`  ${usageOf(full, args, own)}`]),
  ]
  if (own)
    parts.push(
      section(
        say({ en: 'Commands', zh: '命令' }),
        rows(verbs.map(([word, command]) => [word, say(command.about.description)])),
      ),
      say({ en: `${full} COMMAND --help says more of each.`, zh: `用 ${full} 命令 --help 查看各命令的说明。` }),
    )
  if (name === '') parts.push(say(EXIT_CODES))
  const line = ([key, argument]: readonly [string, Arguments[string]]): [string, string] => [
    argument.type === 'positional' ? key.toUpperCase() : flagOf(key, argument),
    say(argument.description) + defaultOf(argument, language),
  ]
  if (places.length > 0) parts.push(section(say({ en: 'Arguments', zh: '参数' }), rows(places.map(line))))
  if (flags.length > 0) parts.push(section(say({ en: 'Options', zh: '选项' }), rows(flags.map(line))))
  if (!own)
    parts.push(section(say({ en: 'Every command takes', zh: '通用选项' }), rows(Object.entries(common).map(line))))
  if (examples.length > 0)
    parts.push(
      section(
        say({ en: 'Examples', zh: '示例' }),
        examples.map((example) => `  tanlian ${example}`),
      ),
    )
  return parts.join('\n\n')
}

function usageOf(full: string, args: Arguments, hasVerbs: boolean): string {
  if (hasVerbs) return `${full} COMMAND`
  const words = [full]
  for (const [key, argument] of Object.entries(args)) {
    if (argument.type === 'positional')
      words.push(argument.required === false ? `[${key.toUpperCase()}]` : key.toUpperCase())
    else if (argument.required === true) words.push(flagOf(key, argument))
  }
  return [...words, '[OPTIONS]'].join(' ')
}

function flagOf(key: string, argument: Arguments[string]): string {
  const { alias, type, valueHint } = argument as { alias?: string; type?: string; valueHint?: string }
  const short = alias === undefined ? '' : `-${alias}, `
  // What is on unless told otherwise is shown by the flag that puts it off.
  const off = type === 'boolean' && argument.default === true ? 'no-' : ''
  return `${short}--${off}${key}${type === 'boolean' ? '' : ` ${valueHint ?? 'TEXT'}`}`
}

function defaultOf({ type, default: value }: Arguments[string], language: Language): string {
  if (type === 'boolean' || value === undefined || value === '') return ''
  return language === 'zh' ? `（默认 ${value}）` : ` (${value})`
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines].join('\n')
}

function rows(cells: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...cells.map(([left]) => widthOf(left)))
  return cells.map(([left, right]) => `  ${padTo(left, width)}   ${right}`)
}
