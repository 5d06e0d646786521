/** A sample on its way, as the log has it; times in Unix seconds. */
export interface SampleRecord {
  readonly cid: string
  readonly organization: number
  readonly state: 'sealed' | 'handed' | 'received' | 'broken' | 'analysed'
  readonly label: string
  readonly material: string
  readonly from: number
  readonly to: number
  readonly taken: number
  readonly sealed: number
  readonly seal: string
  readonly handover: { readonly cid: string; readonly laboratory: number; readonly at: number } | null
  readonly receipt: { readonly cid: string; readonly at: number; readonly intact: boolean } | null
  readonly analysis: {
    readonly cid: string
    readonly number: string
    readonly analysed: number
    readonly results: readonly AnalysisResult[]
  } | null
}

export interface AnalysisResult {
  readonly name: string
  readonly value: string
  readonly unit: string
  readonly method: string
}
