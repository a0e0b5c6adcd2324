import { InputError } from '../base/errors.ts'
import type { RandomStream } from '../base/random.ts'
import type { SurvivalQuestion } from './survival-question.ts'

/** A node of the cluster that is asked about, as it stands at rest. */
export interface PlannedNode {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Ready replicas on it, by the key of their workload. */
  readonly replicas: ReadonlyMap<string, number>
  /** Millicores that its pods ask for. */
  readonly requestedCpu: number
}

/** Nodes that are lost together. */
export interface Loss {
  /** `zone a`, `node-1 + node-2`. */
  readonly name: string
  readonly nodes: readonly string[]
}

/** The losses that are tried, and how many there are in all. */
export interface Losses {
  readonly tried: readonly Loss[]
  readonly all: number
}

interface Domain extends Loss {
  readonly replicas: ReadonlyMap<string, number>
  readonly requestedCpu: number
}

/**
 * The losses that a question is about: all of them when there are at most `triesMax`, in order of name; else those that take
 * most of each workload, and of all requests, then others by chance.
 */
export function lossesOf(
  question: SurvivalQuestion,
  nodes: readonly PlannedNode[],
  triesMax: number,
  chance: RandomStream,
): Losses {
  const domains = domainsOf(question, nodes)
  const { count } = question
  if (count > domains.length) {
    throw new InputError({
      field: `--survive ${question.text}`,
      message: `there are ${domains.length} of them`,
      hint: 'ask for fewer',
    })
  }
  const all = combinations(domains.length, count)
  if (all <= triesMax) return { tried: subsets(domains, count).map(together), all }
  const chosen = new Map<string, Loss>()
  const add = (set: readonly Domain[]): void => {
    const loss = together(set.toSorted(byName))
    if (chosen.size < triesMax) chosen.set(loss.name, loss)
  }
  for (const set of worst(domains, count)) add(set)
  while (chosen.size < triesMax) add(drawn(domains, count, chance))
  return { tried: [...chosen.values()], all }
}

/** The domains, by name. */
function domainsOf(
  { labels, word, text }: SurvivalQuestion,
  nodes: readonly PlannedNode[],
): readonly Domain[] {
  if (labels === undefined) return nodes.map((node) => ({ ...node, nodes: [node.name] })).toSorted(byName)
  const key = labels.find((one) => nodes.some((node) => node.labels[one] !== undefined))
  if (key === undefined) {
    throw new InputError({
      field: `--survive ${text}`,
      message: `no node has the label ${labels.join(' or ')}`,
      hint: labelHint(nodes),
    })
  }
  const byValue = new Map<string, PlannedNode[]>()
  for (const node of nodes) {
    const value = node.labels[key]
    if (value === undefined) continue
    byValue.set(value, [...(byValue.get(value) ?? []), node])
  }
  const domains = [...byValue].map(([value, members]) => domainOf(`${word} ${value}`, members))
  return domains.toSorted(byName)
}

/** What may be asked instead of a label that no node has. */
function labelHint(nodes: readonly PlannedNode[]): string {
  const keys = [...new Set(nodes.flatMap((node) => Object.keys(node.labels)))].toSorted()
  return `give node, or the key of a label that nodes have: ${keys.join(', ')}`
}

function domainOf(name: string, members: readonly PlannedNode[]): Domain {
  const replicas = new Map<string, number>()
  for (const member of members) {
    for (const [key, count] of member.replicas) replicas.set(key, (replicas.get(key) ?? 0) + count)
  }
  const requestedCpu = members.reduce((sum, node) => sum + node.requestedCpu, 0)
  return { name, nodes: members.map((node) => node.name), replicas, requestedCpu }
}

/** For each workload the domains with most of its replicas, and those with most requests, no set twice. */
function worst(domains: readonly Domain[], count: number): readonly (readonly Domain[])[] {
  const keys = [...new Set(domains.flatMap(({ replicas }) => [...replicas.keys()]))].toSorted()
  const byRequests = domains.toSorted(
    (one, other) => other.requestedCpu - one.requestedCpu || byName(one, other),
  )
  const byWorkload = keys.map((key) =>
    byRequests.toSorted((one, other) => (other.replicas.get(key) ?? 0) - (one.replicas.get(key) ?? 0)),
  )
  return [byRequests, ...byWorkload].map((ranked) => ranked.slice(0, count))
}

/** A set of domains by chance, each set alike. */
function drawn(domains: readonly Domain[], count: number, chance: RandomStream): readonly Domain[] {
  const left = [...domains]
  return Array.from({ length: count }, () => left.splice(chance.integer(left.length), 1)).flat()
}

function subsets(domains: readonly Domain[], count: number): readonly (readonly Domain[])[] {
  if (count === 0) return [[]]
  return domains.flatMap((first, index) =>
    subsets(domains.slice(index + 1), count - 1).map((rest) => [first, ...rest]),
  )
}

function together(set: readonly Domain[]): Loss {
  return { name: set.map(({ name }) => name).join(' + '), nodes: set.flatMap(({ nodes }) => nodes) }
}

/** n over k; exact as far as numbers are, and beyond that only larger than any that is tried. */
function combinations(n: number, k: number): number {
  let result = 1
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i
  return Math.round(result)
}

/** `node-2` before `node-10`. */
function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name.localeCompare(other.name, 'en', { numeric: true }) || (one.name < other.name ? -1 : 1)
}
