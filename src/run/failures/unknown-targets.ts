import type { PodTemplateSpec } from '../../api/types.generated.ts'
import type { InputProblem } from '../../base/errors.ts'
import { nearestWord } from '../../base/nearest-word.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { objectKey } from '../../cluster/object-store.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import type { BadRolloutSource } from '../../scenario/failures/bad-rollout.ts'
import { ZONE_LABEL } from '../../scenario/failures/target.ts'
import type { TargetSource } from '../../scenario/failures/target.ts'
import type { Manifest } from '../../workload/node-list.ts'
import { selectNodes } from '../build-nodes.ts'

/** Names that a hint lists at most. */
const LISTED_MAX = 10

/** Nodes and zones that a failure names and that are not there, nor among the objects that come later. */
export function unknownPlaces(
  api: ApiServer,
  { names = [], zone }: Pick<TargetSource, 'names' | 'zone'>,
  later: () => readonly Manifest[],
): readonly InputProblem[] {
  const nodes = selectNodes(api, undefined)
  const joining = (): readonly Manifest[] => later().filter(({ kind }) => kind === 'Node')
  const problems = names
    .filter(({ name }) => api.nodes.get(name) === undefined)
    .filter(({ name }) => !joining().some(({ metadata }) => metadata?.name === name))
    .map(({ name, place }) => {
      const known = nodes.map((node) => node.name)
      return { ...place, message: `there is no node ${name}`, hint: hintOf(name, known, 'nodes') }
    })
  if (zone === undefined) return problems
  const zones = nodes.flatMap(({ row }) => api.nodeRows.nodeOf(row)?.metadata?.labels?.[ZONE_LABEL] ?? [])
  const isThere = zones.includes(zone.name)
  if (isThere || joining().some(({ metadata }) => metadata?.labels?.[ZONE_LABEL] === zone.name))
    return problems
  const message = `no node is in a zone ${zone.name}`
  return [...problems, { ...zone.place, message, hint: hintOf(zone.name, zones, 'zones') }]
}

/** The workload of a rollout, or the container, that is not among the objects of the scenario. */
export function unknownWorkload(
  { workload, container }: BadRolloutSource,
  objects: readonly (StoredObject | Manifest)[],
): readonly InputProblem[] {
  const { kind, namespace, name, place } = workload
  const key = `${namespace}/${name}`
  const alike = objects.filter((object) => object.kind === kind)
  const found = alike.find((object) => objectKey(object.metadata) === key)
  if (found === undefined) {
    const known = alike.map(({ metadata }) => objectKey(metadata))
    return [{ ...place, message: `there is no ${kind} ${key}`, hint: hintOf(key, known, `${kind}s`) }]
  }
  if (container === undefined) return []
  const { spec } = found as { readonly spec?: { readonly template?: PodTemplateSpec } }
  const known = (spec?.template?.spec?.containers ?? []).map((one) => one.name)
  if (known.includes(container.name)) return []
  const message = `${kind} ${key} has no container ${container.name}`
  return [{ ...container.place, message, hint: hintOf(container.name, known, 'containers') }]
}

/** The name that was meant, or all that there are. */
function hintOf(name: string, known: readonly string[], what: string): string {
  // Any two letters are near each other.
  const near = name.length > 2 ? nearestWord(name, known) : undefined
  if (near !== undefined) return `did you mean ${near}?`
  const names = [...new Set(known)]
  if (names.length === 0) return `there are no ${what}`
  const rest = names.length > LISTED_MAX ? ` and ${names.length - LISTED_MAX} more` : ''
  return `there are the ${what} ${names.slice(0, LISTED_MAX).join(', ')}${rest}`
}
