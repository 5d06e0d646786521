import type { ErrorTable } from '@tanlian/units'

/** Every code that this package throws: what happened and what to do (`docs/errors.md`). */
export const ACCOUNTING_ERRORS = {
  E_KIND_FORM: {
    en: 'The unit does not read; write units of the table with an optional [substance, basis], joined by · and /.',
    zh: '单位无法识别；请使用单位表中的单位，可加 [物质, 基准]，以 · 和 / 连接。',
  },
  E_EXPRESSION_FORM: {
    en: 'The equation does not read; the message names the character.',
    zh: '公式无法识别；消息中指出了位置。',
  },
  E_EXPRESSION_NAME: {
    en: 'The equation uses a name that is neither input, parameter nor earlier result.',
    zh: '公式使用了既非输入、参数，也非此前结果的名称。',
  },
  E_EXPRESSION_KIND: {
    en: 'The equation joins quantities that do not go together, such as coal and CO2; correct it or the units.',
    zh: '公式把不同类的量合在一起，例如煤与二氧化碳；请更正公式或单位。',
  },
  E_EQUATION_DOMAIN: {
    en: 'A root, logarithm or power is not defined for this value; check the inputs.',
    zh: '开方、对数或乘幂对该值无定义；请检查输入。',
  },
  E_DOCUMENT_FORM: {
    en: 'A methodology, factor set or document has a key or value that cannot be; the message names the place.',
    zh: '方法学、因子集或文档中的键或值有误；消息中指出了位置。',
  },
  E_DOCUMENT_KIND: {
    en: 'There is no document of this kind; use one of those that the format names.',
    zh: '没有这种文档；请使用格式规定的种类。',
  },
  E_FACTOR_SET: {
    en: 'A parameter names a factor set that is not given, or that measures something else.',
    zh: '参数引用的因子集不存在，或其量类不符。',
  },
  E_FACTOR_MISSING: {
    en: 'The factor set has no row for these keys; choose keys that it has or add the row with its source.',
    zh: '因子集中没有对应的行；请选用已有的键，或补充该行及其来源。',
  },
  E_LIBRARY_MISSING: {
    en: 'The library has no methodology or factor set of this id or CID; choose one of its list.',
    zh: '方法学库中没有该编号或 CID 的文件；请从列表中选择。',
  },
  E_INPUT_MISSING: {
    en: 'An input that the methodology needs was not given; enter it, or its default where there is one.',
    zh: '缺少方法学要求的输入；请填写，或在允许时使用缺省值。',
  },
  E_INPUT_FORM: {
    en: 'An input has a value that the methodology does not allow; choose one of those named.',
    zh: '输入值不在方法学允许的范围内；请从列出的值中选择。',
  },
  E_INPUT_UNKNOWN: {
    en: 'A value was given that the methodology does not ask for; correct its name or leave it out.',
    zh: '给出了方法学未要求的值；请更正名称或删除。',
  },
} as const satisfies ErrorTable
