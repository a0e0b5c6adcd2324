import type { Node, Pod } from '../api/types.generated.ts'
import type { ResolvedExtender } from '../scheduler/configuration/resolved.ts'
import type {
  ExtenderFilterResult,
  ExtenderMetaVictims,
  ExtenderVictims,
  HostPriority,
  SchedulerExtender,
} from '../scheduler/framework/extender.ts'
import type { HttpAnswer, TlsOptions } from './http-call.ts'

/** Posts a body to an address and waits for the answer, at most so many milliseconds. */
export interface Post {
  post(url: string, body: string, timeout: number, tls?: TlsOptions): HttpAnswer
}

type Fields = Readonly<Record<string, unknown>>

/**
 * An extender that is asked over HTTP, in the JSON of kube-scheduler/extender/v1: names of fields as in Go's types,
 * which have no tags; answers are read whatever the case of their fields, as Go does.
 *
 * Source: Kubernetes v1.37, scheduler/extender.go.
 */
export function httpExtender(stanza: ResolvedExtender, http: Post, tls?: TlsOptions): SchedulerExtender {
  const { urlPrefix, filterVerb, prioritizeVerb, preemptVerb, bindVerb } = stanza
  const send = (verb: string, args: object): unknown => {
    const url = `${urlPrefix.replace(/\/+$/, '')}/${verb}`
    const { status, body } = http.post(url, JSON.stringify(args), stanza.httpTimeoutMs, tls)
    if (status !== 200) throw new Error(`failed ${verb} with extender at URL ${url}, code ${status}`)
    return JSON.parse(body) as unknown
  }
  const about = (pod: Pod, nodes: readonly Node[]): object => {
    const names = nodes.map(nameOf)
    return stanza.nodeCacheCapable
      ? { Pod: pod, Nodes: null, NodeNames: names }
      : { Pod: pod, Nodes: { metadata: {}, items: nodes }, NodeNames: null }
  }
  return {
    name: urlPrefix,
    ...(stanza.weight > 0 ? { weight: stanza.weight } : {}),
    managedResources: stanza.managedResources.map((name) => ({
      name,
      ignoredByScheduler: stanza.ignoredByScheduler.includes(name),
    })),
    ignorable: stanza.ignorable,
    ...(filterVerb === ''
      ? {}
      : {
          filter: (pod: Pod, nodes: readonly Node[]) =>
            readFilterResult(send(filterVerb, about(pod, nodes)), stanza.nodeCacheCapable),
        }),
    ...(prioritizeVerb === ''
      ? {}
      : {
          prioritize: (pod: Pod, nodes: readonly Node[]) =>
            readPriorities(send(prioritizeVerb, about(pod, nodes))),
        }),
    ...(preemptVerb === ''
      ? {}
      : {
          preempt: (pod: Pod, victims: Readonly<Record<string, ExtenderVictims>>) =>
            readVictims(send(preemptVerb, aboutVictims(pod, victims, stanza.nodeCacheCapable))),
        }),
    ...(bindVerb === ''
      ? {}
      : {
          bind: ({ podName, podNamespace, podUid, node }) => {
            const args = { PodName: podName, PodNamespace: podNamespace, PodUID: podUid, Node: node }
            refuseError(fieldsOf(send(bindVerb, args)))
          },
        }),
  }
}

function aboutVictims(pod: Pod, victims: Readonly<Record<string, ExtenderVictims>>, byUid: boolean): object {
  const entries = Object.entries(victims)
  if (!byUid) {
    const full = entries.map(([node, { pods, numPDBViolations }]) => [
      node,
      { Pods: pods, NumPDBViolations: numPDBViolations },
    ])
    return { Pod: pod, NodeNameToVictims: Object.fromEntries(full) as object, NodeNameToMetaVictims: null }
  }
  const meta = entries.map(([node, { pods, numPDBViolations }]) => [
    node,
    {
      Pods: pods.map(({ metadata }) => ({ UID: metadata?.uid ?? '' })),
      NumPDBViolations: numPDBViolations,
    },
  ])
  return { Pod: pod, NodeNameToVictims: null, NodeNameToMetaVictims: Object.fromEntries(meta) as object }
}

function readFilterResult(value: unknown, byName: boolean): ExtenderFilterResult {
  const result = fieldsOf(value)
  refuseError(result)
  const names = get(result, 'NodeNames')
  const nodes = get(fieldsOf(get(result, 'Nodes') ?? {}), 'items')
  const given =
    byName && Array.isArray(names) ? names.map(String) : listOf(nodes).map((node) => nameOf(node as Node))
  return {
    nodeNames: given,
    failedNodes: reasonsOf(get(result, 'FailedNodes')),
    failedAndUnresolvableNodes: reasonsOf(get(result, 'FailedAndUnresolvableNodes')),
  }
}

function readPriorities(value: unknown): readonly HostPriority[] {
  return listOf(value).map((item) => {
    const fields = fieldsOf(item)
    return { host: String(get(fields, 'Host') ?? ''), score: Number(get(fields, 'Score') ?? 0) }
  })
}

function readVictims(value: unknown): Readonly<Record<string, ExtenderMetaVictims>> {
  const byNode = fieldsOf(get(fieldsOf(value), 'NodeNameToMetaVictims') ?? {})
  const entries = Object.entries(byNode).map(([node, left]): [string, ExtenderMetaVictims] => {
    const fields = fieldsOf(left ?? {})
    const pods = listOf(get(fields, 'Pods')).map((pod) => ({ uid: String(get(fieldsOf(pod), 'UID') ?? '') }))
    return [node, { pods, numPDBViolations: Number(get(fields, 'NumPDBViolations') ?? 0) }]
  })
  return Object.fromEntries(entries)
}

function refuseError(result: Fields): void {
  const error = get(result, 'Error')
  if (typeof error === 'string' && error !== '') throw new Error(error)
}

function reasonsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsOf(value ?? {})).map(([node, reason]) => [node, String(reason)])
  return Object.fromEntries(entries) as Readonly<Record<string, string>>
}

/** A field by its name in whatever case; the exact one goes first. */
function get(fields: Fields, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name]
  const key = Object.keys(fields).find((other) => other.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : fields[key]
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new Error(`json: cannot unmarshal ${JSON.stringify(value) ?? 'nothing'} into an object`)
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw new Error(`json: cannot unmarshal ${JSON.stringify(value)} into a list`)
}

function nameOf(node: Node): string {
  return node.metadata?.name ?? ''
}
