import { InputError } from '../base/errors.ts'

/** What is lost: so many at once of the domains that a label of nodes makes, or of single nodes. */
export interface SurvivalQuestion {
  /** As it was asked. */
  readonly text: string
  /** Word for one domain, as in `zone a`. */
  readonly word: string
  /** Label key whose values are the domains; undefined for nodes. */
  readonly labels: readonly string[] | undefined
  /** Domains that are lost at once. */
  readonly count: number
}

/** Words for label keys; of several keys the first is taken that a node has. Kubernetes has no label of its own for racks. */
const KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['zone', ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone']],
  ['region', ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region']],
  ['rack', ['topology.kubernetes.io/rack', 'topology.stowage.dev/rack', 'rack']],
])

/** Domains that may be lost at once. */
const COUNT_MAX = 1000

/** Reads `zone`, `region`, `rack`, `node`, or the key of a label, and `:COUNT` behind it. Throws `InputError`. */
export function survivalQuestion(text: string): SurvivalQuestion {
  // No key of a label has a colon.
  const { what = '', count = '1' } = /^(?<what>[^:]+)(?::(?<count>.*))?$/.exec(text)?.groups ?? {}
  if (!/^\d+$/.test(count) || Number(count) < 1 || Number(count) > COUNT_MAX) {
    throw new InputError({
      field: '--survive',
      message: `"${text}" is no loss`,
      hint: `the count must be a whole number from 1 to ${COUNT_MAX.toLocaleString('en')}`,
    })
  }
  if (what === '') {
    throw new InputError({
      field: '--survive',
      message: `"${text}" is no loss`,
      hint: 'expected zone, rack, region, node or the key of a label, as in zone, node:2 or example.com/cell',
    })
  }
  const labels = what === 'node' ? undefined : (KEYS.get(what) ?? [what])
  return { text, word: what, labels, count: Number(count) }
}
