import type { DecisionDifference, DetailedDecision, RecordedVerdict } from './decision-difference.ts'

/** The two runs, as sentences name them. */
type Side = 'A' | 'B'

/** Nodes that a sentence about filters names. */
const NODES_MAX = 3

/**
 * Why two runs came to different decisions, in sentences: whose turn it was, who was rejected by which filter, which plugin
 * gave which node more, and where nothing but the choice among equals is left. Each is about what was recorded: without
 * what was said of nodes it says what is missing.
 */
export function explainDecision({ a, b }: DecisionDifference): readonly string[] {
  if (a === undefined || b === undefined) {
    const [side, more, decision] = a === undefined ? (['A', 'B', b] as const) : (['B', 'A', a] as const)
    return [`${side} decided nothing more, while ${more} decided on ${decision?.pod ?? ''}.`]
  }
  if (a.pod !== b.pod || a.attempt !== b.attempt) return otherPod(a, b)
  const sentences = a.timeSeconds === b.timeSeconds ? [] : [otherTime(a, b)]
  if (a.victims.join() !== b.victims.join()) sentences.push(victimsText(a, 'A'), victimsText(b, 'B'))
  if (a.evaluated !== b.evaluated || a.feasible !== b.feasible) {
    sentences.push(
      `A found ${a.feasible} of ${a.evaluated} nodes that fit, B ${b.feasible} of ${b.evaluated}.`,
    )
  }
  if (a.verdicts === undefined || b.verdicts === undefined) {
    return [...sentences, ...rejections(a, b), 'What was said of each node was not recorded in both runs.']
  }
  const verdicts = { A: a.verdicts, B: b.verdicts }
  sentences.push(...otherVerdicts(verdicts))
  if (a.node !== b.node && a.node !== '' && b.node !== '') sentences.push(...otherNode(a, b, verdicts))
  return sentences.length === 0 ? rejections(a, b) : sentences
}

function otherPod(a: DetailedDecision, b: DetailedDecision): readonly string[] {
  const turn = (decision: DetailedDecision): string =>
    `${decision.pod} (attempt ${decision.attempt}) at ${decision.timeSeconds} s`
  return [
    `It was another pod's turn: in A ${turn(a)}, in B ${turn(b)}.`,
    'Up to here both runs decided alike: pods came, failed or ended at other times, or the queue took another one first.',
  ]
}

function otherTime(a: DetailedDecision, b: DetailedDecision): string {
  return `${a.pod} was looked at at ${a.timeSeconds} s in A, at ${b.timeSeconds} s in B.`
}

function victimsText({ victims }: DetailedDecision, side: Side): string {
  return victims.length === 0 ? `${side} preempted nobody.` : `${side} preempted ${victims.join(', ')}.`
}

function rejections(a: DetailedDecision, b: DetailedDecision): string[] {
  const by = (decision: DetailedDecision, side: Side): string[] =>
    decision.rejectedBy.length === 0
      ? []
      : [`In ${side} it was rejected by ${decision.rejectedBy.join(', ')}${messageText(decision)}.`]
  return [...by(a, 'A'), ...by(b, 'B')]
}

function messageText({ message }: DetailedDecision): string {
  return message === '' ? '' : `: ${message.replace(/\.$/, '')}`
}

type Verdicts = Readonly<Record<Side, ReadonlyMap<string, RecordedVerdict>>>

/** Nodes that one run let pass and the other did not, by who rejected them. */
function otherVerdicts({ A, B }: Verdicts): string[] {
  const byWhom = new Map<string, string[]>()
  for (const [node, inA] of A) {
    const inB = B.get(node)
    if (inB === undefined || passes(inA) === passes(inB)) continue
    const [rejected, side, other] = passes(inA) ? ([inB, 'B', 'A'] as const) : ([inA, 'A', 'B'] as const)
    const reasons = rejected.reasons === '' ? '' : ` (${rejected.reasons})`
    const key = `Filter ${rejected.plugin} rejected them in ${side}${reasons}, not in ${other}`
    byWhom.set(key, [...(byWhom.get(key) ?? []), node])
  }
  return [...byWhom].map(([key, nodes]) =>
    nodes.length === 1
      ? `${key.replace('rejected them', `rejected ${nodes[0]}`)}.`
      : `${key}: ${listText(nodes)}.`,
  )
}

function passes({ code }: RecordedVerdict): boolean {
  return code === 'Success'
}

function listText(nodes: readonly string[]): string {
  const more = nodes.length - NODES_MAX
  return more <= 0 ? nodes.join(', ') : `${nodes.slice(0, NODES_MAX).join(', ')} and ${more} more`
}

/** Why each run preferred its own node to the one that the other took. */
function otherNode(a: DetailedDecision, b: DetailedDecision, verdicts: Verdicts): string[] {
  return [
    ...preference('A', verdicts.A, { taken: a.node, left: b.node }),
    ...preference('B', verdicts.B, { taken: b.node, left: a.node }),
    ...otherPlugins(verdicts, [a.node, b.node]),
  ]
}

function preference(
  side: Side,
  verdicts: ReadonlyMap<string, RecordedVerdict>,
  { taken, left }: { readonly taken: string; readonly left: string },
): string[] {
  const chosen = verdicts.get(taken)
  const passed = verdicts.get(left)
  if (chosen === undefined) return [`${side} took ${taken}.`]
  if (passed === undefined) return [`${side} did not look at ${left}: it had found enough nodes before.`]
  if (!passes(passed)) return []
  const total = `${side} took ${taken} with ${points(chosen.total)} over ${left} with ${points(passed.total)}`
  if (chosen.total === undefined || passed.total === undefined)
    return [`${side} took ${taken}: nothing was scored.`]
  if (chosen.total === passed.total) return [`${total}: they are equal, and the choice among equals decided.`]
  return [`${total}: ${gaps(chosen, passed, taken, left).join(', ')}.`]
}

/** What each plugin gave one node more than the other, the largest difference first. */
function gaps(chosen: RecordedVerdict, passed: RecordedVerdict, taken: string, left: string): string[] {
  const names = [...new Set([...chosen.scores.keys(), ...passed.scores.keys()])]
  return names
    .map((plugin) => ({
      plugin,
      gap: (chosen.scores.get(plugin)?.weighted ?? 0) - (passed.scores.get(plugin)?.weighted ?? 0),
    }))
    .filter(({ gap }) => gap !== 0)
    .toSorted((one, other) => Math.abs(other.gap) - Math.abs(one.gap) || (one.plugin < other.plugin ? -1 : 1))
    .map(({ plugin, gap }) => `${plugin} gave ${gap > 0 ? taken : left} ${Math.abs(gap)} more`)
}

/** Which plugins score in one run only, and which gave one of the two nodes another score. */
function otherPlugins({ A, B }: Verdicts, nodes: readonly string[]): string[] {
  const sentences: string[] = []
  const namesIn = (verdicts: ReadonlyMap<string, RecordedVerdict>): Set<string> =>
    new Set(nodes.flatMap((node) => [...(verdicts.get(node)?.scores.keys() ?? [])]))
  const inA = namesIn(A)
  const inB = namesIn(B)
  const only = (one: ReadonlySet<string>, other: ReadonlySet<string>): string[] =>
    [...one].filter((plugin) => !other.has(plugin))
  if (only(inA, inB).length > 0)
    sentences.push(`In A alone nodes are scored by ${only(inA, inB).join(', ')}.`)
  if (only(inB, inA).length > 0)
    sentences.push(`In B alone nodes are scored by ${only(inB, inA).join(', ')}.`)
  for (const node of nodes) {
    const changed = [...inA].flatMap((plugin) => {
      const one = A.get(node)?.scores.get(plugin)
      const other = B.get(node)?.scores.get(plugin)
      if (one === undefined || other === undefined || one.weighted === other.weighted) return []
      return [`${plugin} gave it ${one.weighted} in A and ${other.weighted} in B`]
    })
    if (changed.length > 0) sentences.push(`${node}: ${changed.join(', ')}.`)
  }
  return sentences
}

function points(total: number | undefined): string {
  return total === undefined ? 'no score' : `${total} points`
}
