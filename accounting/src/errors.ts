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
  E_METHODOLOGY_STAGE: {
    en: 'The methodology is not in the stage that this needs; try it, publish it, or choose a published one.',
    zh: '方法学所处状态不符；请先试算、发布，或选用已发布的方法学。',
  },
  E_METHODOLOGY_PERIOD: {
    en: 'The methodology is not for the period of the report; choose the version of that time.',
    zh: '方法学的适用期与报告期不符；请选用当时适用的版本。',
  },
  E_QUANTITY: {
    en: 'A quantity to be summed is no integer of 0 … 2^53 − 1; take quantities of checked leaves.',
    zh: '待求和的数量不是 0 … 2^53 − 1 的整数；请使用已校验叶子的数量。',
  },
  E_UNCERTAINTY: {
    en: 'The uncertainty cannot be computed; choose a total, fewer draws, or let rows share an error.',
    zh: '无法计算不确定性；请选择合计项、减少抽样次数，或让各行共用误差。',
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
  E_REGISTER_UNKNOWN: {
    en: 'A document names another that is not in the log before it, or that is void; log that one first or correct the name.',
    zh: '文档引用的另一文档此前未上链登记或已作废；请先登记或更正引用。',
  },
  E_REGISTER_PARTY: {
    en: 'This kind of party does not state this kind of document.',
    zh: '该类主体无权出具此类文档。',
  },
  E_REGISTER_OWNER: {
    en: 'The next step is another organization’s to take.',
    zh: '该步骤应由另一组织办理。',
  },
  E_REGISTER_TWICE: {
    en: 'There is one already, and there may be only one; go on with that one.',
    zh: '已存在一份且只能有一份；请沿用已有的。',
  },
  E_REGISTER_TIMES: {
    en: 'The times of a sample go back along its chain; correct the time of this step.',
    zh: '样品链上的时间倒退；请更正本步骤的时间。',
  },
  E_REGISTER_EARLY: {
    en: 'A step is logged before it says that it happens; log it when it has happened.',
    zh: '步骤在其发生之前登记；请在发生之后登记。',
  },
  E_REGISTER_LATE: {
    en: 'A step is logged more than 48 hours after it says that it happened; take another sample.',
    zh: '步骤在发生 48 小时之后才登记；请重新采样。',
  },
  E_REGISTER_NUMBER: {
    en: 'The laboratory has used this analysis number before; give the report its own number.',
    zh: '该检测机构已使用过此报告编号；请使用新的编号。',
  },
  E_REGISTER_SEAL: {
    en: 'The seal was broken on receipt; an analysis of this sample does not count.',
    zh: '收样时封条已损坏；该样品的检测结果无效。',
  },
  E_REGISTER_RESULT: {
    en: 'The analysis has no result of this name; cite one that it has.',
    zh: '检测报告中没有此项结果；请引用已有的结果。',
  },
  E_REGISTER_STATE: {
    en: 'What the document is about is at another stage; the message names the stage.',
    zh: '所涉事项处于其他阶段；消息中指出了当前阶段。',
  },
  E_REGISTER_METHODOLOGY: {
    en: 'The methodology or a factor set of the report is not published; use a published one.',
    zh: '报告所用方法学或因子集未发布；请使用已发布的版本。',
  },
  E_REGISTER_CORRECTS: {
    en: 'The report does not name the latest of its subject and period as the one it corrects; name it.',
    zh: '报告未指明所更正的同一对象同一时段的最新报告；请指明。',
  },
  E_REGISTER_LOCKED: {
    en: 'The period is locked since its report was accepted; ask the regulator to reopen it.',
    zh: '该时段的报告已获接受并锁定；请向主管部门申请解锁。',
  },
  E_REGISTER_PERIOD: {
    en: 'A period meets another that it must not, or misses one that it must meet; correct the period.',
    zh: '时段与不应重叠的时段重叠，或与应对应的时段不符；请更正时段。',
  },
  E_REGISTER_SIZE: {
    en: 'The totals of the report are as of a log size that is not reached yet; draft it again.',
    zh: '报告总量所依据的存证日志大小尚未达到；请重新生成报告。',
  },
  E_REGISTER_DRAW: {
    en: 'The draw or its assignment breaks the rules of drawing; the message says which.',
    zh: '抽签或指派不符合规则；消息中指出了原因。',
  },
  E_REGISTER_ASSIGNMENT: {
    en: 'The verifier was not assigned to this report.',
    zh: '该核查机构未被指派核查此报告。',
  },
  E_REGISTER_SEED: {
    en: 'The seed of the sample is not the one that the log gives; plan it again.',
    zh: '抽样种子与存证日志给出的不符；请重新制定抽样方案。',
  },
  E_REGISTER_OUTPUTS: {
    en: 'The outputs as recomputed differ from the report’s, so it can only be sent back or rejected.',
    zh: '复算结果与报告不符，只能退回或不予接受。',
  },
  E_REGISTER_AUDITS: {
    en: 'A batch of the report is in none of the audits that the opinion names; let the witness audit it first.',
    zh: '报告所依据的批次未包含在核查意见列出的审计中；请先由见证程序审计。',
  },
  E_ALLOCATION_REPORTS: {
    en: 'The allowances of this sector are not read from reports by this methodology; report by one that the plan names.',
    zh: '该行业的配额不从此方法学的报告中读取；请按分配方案所列的方法学编制报告。',
  },
  E_ALLOCATION_FACT: {
    en: 'Plants of one sector state different values of what is the same for all; correct one of them.',
    zh: '同一行业的厂区对同一全行业数值填写不一；请更正其中之一。',
  },
  E_REGISTER_PARTIES: {
    en: 'Preparer, verifier and acceptor of a report are three organizations.',
    zh: '报告的编制、核查与接受须由三个不同的组织完成。',
  },
} as const satisfies ErrorTable
