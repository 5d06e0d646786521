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
  E_EQUATION_STEPS: {
    en: 'The equations take more steps than a run may; use fewer rows, or let a line of each row be rounded and carried.',
    zh: '公式计算步数超过上限；请减少行数，或让每行结果修约后再代入。',
  },
  E_EQUATION_SIZE: {
    en: 'A value has more digits than may be kept; let a line of each row be rounded and carried, or use a smaller power.',
    zh: '数值位数超过上限；请让每行结果修约后再代入，或使用较小的乘幂。',
  },
  E_DOCUMENT_SIZE: {
    en: 'A methodology or factor set is larger or deeper than it may be; make it smaller.',
    zh: '方法学或因子集的大小或层数超过上限；请精简。',
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
  E_REPORT_TYPE: {
    en: 'A total is of a type that does not fill this input; choose one of those that the methodology takes.',
    zh: '该类型的总量不能用于此输入；请选择方法学允许的类型。',
  },
  E_REPORT_UNIT: {
    en: 'A value measures something else than the input that it is to fill; choose another source or correct the unit.',
    zh: '数值的量类与输入不符；请更换来源或更正单位。',
  },
  E_REPORT_EMPTY: {
    en: 'There is no reading to take a mean of; choose another period or enter the value with its document.',
    zh: '没有可求平均值的读数；请更换时段，或连同文件填写该值。',
  },
  E_REPORT_ORIGIN: {
    en: 'A quantity was chosen like a text, or a text measured like a quantity; correct where the value is from.',
    zh: '把数量当作选项，或把选项当作测量值；请更正数值的来源。',
  },
  E_REPORT_WINDOW: {
    en: 'A total reaches out of the period of the report; ask for one inside it.',
    zh: '总量超出报告期；请改用报告期内的总量。',
  },
  E_REPORT_ROWS: {
    en: 'A row of a report is missing between others; number the rows from 0 without a gap.',
    zh: '报告的行不连续；请从 0 起连续编号。',
  },
  E_REPORT_TOTAL: {
    en: 'A report says another total than evidence proves; draft it again from the proven totals.',
    zh: '报告中的总量与证据不符；请按已证明的总量重新生成报告。',
  },
  E_REPORT_VALUE: {
    en: 'A value of a report is not what its source comes to in the unit of the input; draft it again.',
    zh: '报告中的数值与其来源换算结果不符；请重新生成报告。',
  },
  E_REPORT_OUTPUT: {
    en: 'An output of a report is not what the methodology makes of its inputs; draft it again.',
    zh: '报告的结果与方法学计算结果不符；请重新生成报告。',
  },
  E_REPORT_TRACE: {
    en: 'A report names another trace than its inputs lead to; draft it again.',
    zh: '报告所列追溯与其输入不符；请重新生成报告。',
  },
  E_REPORT_METHODOLOGY: {
    en: 'A report names another methodology or other factors than those that it was done again with; give the ones that it names.',
    zh: '报告所列方法学或因子与复算所用的不同；请提供报告所列的版本。',
  },
} as const satisfies ErrorTable
