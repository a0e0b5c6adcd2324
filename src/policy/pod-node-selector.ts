import { labelKeyProblems, labelValueProblems } from '../api/label-syntax.ts'
import type { Labels } from '../api/selectors.ts'
import type { Namespace } from '../api/types.generated.ts'
import { podForbidden } from './forbidden.ts'

/** Annotation of a namespace with the node labels that its pods ask for. */
const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector'
/** Key of the configuration for namespaces without the annotation. */
const CLUSTER_DEFAULT = 'clusterDefaultNodeSelector'

/** Node labels by namespace that its pods may ask for, and those that all ask for; as `key=value,...`. */
export type PodNodeSelectorConfig = Readonly<Record<string, string>>

/** A pod as the plugin sees it. */
export interface SelectingPod {
  readonly name: string
  readonly namespace: Namespace
  readonly nodeSelector: Labels
}

/** A selector for the pod, or what a client hears of its refusal. */
export type NodeSelectorVerdict =
  | { readonly ok: true; readonly nodeSelector: Labels }
  | { readonly ok: false; readonly message: string }

/**
 * The node selector of a pod with that of its namespace; refused when they conflict, and when the namespace does not allow a label.
 *
 * Source: Kubernetes v1.37, plugin/admission/podnodeselector `Admit`. The plugin is off by default.
 */
export function selectNodes(pod: SelectingPod, config: PodNodeSelectorConfig): NodeSelectorVerdict {
  const ofNamespace = namespaceSelector(pod.namespace, config)
  if (typeof ofNamespace === 'string') return { ok: false, message: ofNamespace }
  const nodeSelector = { ...ofNamespace, ...pod.nodeSelector }
  const message = selectorRefusal({ ...pod, nodeSelector }, config)
  return message === undefined ? { ok: true, nodeSelector } : { ok: false, message }
}

/**
 * What a client hears of a pod whose node selector its namespace does not allow; undefined when it does.
 *
 * Source: Kubernetes v1.37, plugin/admission/podnodeselector `Validate`.
 */
export function selectorRefusal(pod: SelectingPod, config: PodNodeSelectorConfig): string | undefined {
  const ofNamespace = namespaceSelector(pod.namespace, config)
  if (typeof ofNamespace === 'string') return ofNamespace
  const isConflict = Object.entries(ofNamespace).some(
    ([key, value]) => (pod.nodeSelector[key] ?? value) !== value,
  )
  if (isConflict) {
    return podForbidden(pod.name, 'pod node label selector conflicts with its namespace node label selector')
  }
  const allowed = parseLabels(config[pod.namespace.metadata?.name ?? ''] ?? '')
  if (typeof allowed === 'string') return allowed
  const isAllowed =
    Object.keys(allowed).length === 0 ||
    Object.entries(pod.nodeSelector).every(([key, value]) => allowed[key] === value)
  if (isAllowed) return undefined
  return podForbidden(pod.name, 'pod node label selector labels conflict with its namespace whitelist')
}

function namespaceSelector({ metadata }: Namespace, config: PodNodeSelectorConfig): Labels | string {
  return parseLabels(metadata?.annotations?.[ANNOTATION] ?? config[CLUSTER_DEFAULT] ?? '')
}

/** Labels written `key=value,...`, or what is wrong. Source: apimachinery labels `ConvertSelectorToLabelsMap`. */
function parseLabels(text: string): Labels | string {
  const labels: Record<string, string> = {}
  if (text === '') return labels
  for (const part of text.split(',')) {
    const pair = part.split('=')
    const [key = '', value = ''] = pair.map((one) => one.trim())
    if (pair.length !== 2) return `invalid selector: [${pair.join(' ')}]`
    const ofKey = labelKeyProblems(key)
    if (ofKey.length > 0) return `<nil>: Invalid value: "${key}": ${ofKey.join('; ')}`
    const ofValue = labelValueProblems(value)
    if (ofValue.length > 0) return `[${key}]: Invalid value: "${value}": ${ofValue.join('; ')}`
    labels[key] = value
  }
  return labels
}
