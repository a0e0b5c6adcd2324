/** How often recorded cases hold a plugin's word. */
export interface PluginCoverage {
  readonly plugin: string
  /** Pods that its PreEnqueue kept out of the queue. */
  gated: number
  /** Pods that its PreFilter rejected. */
  preFilter: number
  /** Verdicts of its Filter against a node. */
  filter: number
  /** Scores of it: of one pod for one node each. */
  score: number
  /** Times that its PostFilter found a node. */
  postFilter: number
}

/** What the cases of one family hold. */
export interface FamilyCoverage {
  readonly family: string
  cases: number
  /** Pods evaluated or scheduled, and operations on the queue. */
  steps: number
  /** By plugin, in order of name when listed. */
  readonly plugins: Map<string, PluginCoverage>
}

interface RecordedStatus {
  readonly code?: string
  readonly plugin?: string
}

interface RecordedStep {
  readonly gated?: RecordedStatus
  readonly preFilter?: RecordedStatus
  readonly filter?: Readonly<Record<string, RecordedStatus>>
  readonly scores?: Readonly<Record<string, { readonly plugins: Readonly<Record<string, unknown>> }>>
  readonly postFilter?: RecordedStatus
}

interface RecordedResult {
  readonly results?: readonly RecordedStep[]
  readonly sequence?: readonly RecordedStep[]
  readonly schedule?: readonly RecordedStep[]
  readonly queue?: readonly RecordedStep[]
}

/** Counts what one recorded result says of each plugin. */
export function countCoverage(expected: unknown, family: FamilyCoverage): void {
  const { results, sequence, schedule, queue } = (expected ?? {}) as RecordedResult
  family.cases += 1
  for (const step of [...(results ?? []), ...(sequence ?? []), ...(schedule ?? []), ...(queue ?? [])]) {
    family.steps += 1
    countStep(step, family)
  }
}

function countStep(step: RecordedStep, family: FamilyCoverage): void {
  const count = (plugin: string | undefined, what: Exclude<keyof PluginCoverage, 'plugin'>): void => {
    if (plugin === undefined || plugin === '') return
    let coverage = family.plugins.get(plugin)
    if (coverage === undefined) {
      coverage = { plugin, gated: 0, preFilter: 0, filter: 0, score: 0, postFilter: 0 }
      family.plugins.set(plugin, coverage)
    }
    coverage[what] += 1
  }
  // A queue's list of gated pods is no status.
  if (!Array.isArray(step.gated)) count(step.gated?.plugin, 'gated')
  if (step.preFilter?.code !== 'Success') count(step.preFilter?.plugin, 'preFilter')
  for (const status of Object.values(step.filter ?? {})) count(status.plugin, 'filter')
  for (const { plugins } of Object.values(step.scores ?? {})) {
    for (const plugin of Object.keys(plugins)) count(plugin, 'score')
  }
  if (step.postFilter?.code === 'Success') count(step.postFilter.plugin ?? 'DefaultPreemption', 'postFilter')
}
