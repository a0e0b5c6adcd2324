import type { PodTemplate } from '../api/pod-template.ts'
import { labelKey, labelValue } from '../api/validation/names.ts'
import type { Labels } from '../api/selectors.ts'
import type { Namespace } from '../api/types.generated.ts'
import type { AdmissionStage } from '../cluster/admission.ts'
import type { ApiServer } from '../cluster/api-server.ts'

/** Annotation of a namespace with the node labels that its pods ask for. */
const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector'
/** Key of the configuration for namespaces without the annotation. */
const CLUSTER_DEFAULT = 'clusterDefaultNodeSelector'

/** Node labels by namespace that its pods may ask for, and those that all ask for; as `key=value,...`. */
export type PodNodeSelectorConfig = Readonly<Record<string, string>>

/** A pod as the plugin sees it. */
export interface SelectingPod {
  readonly namespace: Namespace
  readonly nodeSelector: Labels
}

/** Why a pod is refused: as forbidden, or for a selector that cannot be read. */
export interface SelectorRefusal {
  readonly reason: string
  readonly isForbidden: boolean
}

/** A selector for the pod, or its refusal. */
export type NodeSelectorVerdict =
  | { readonly ok: true; readonly nodeSelector: Labels }
  | { readonly ok: false; readonly refusal: SelectorRefusal }

/** Turns the plugin on: it is off by default. Source: kube-apiserver v1.37, plugin/admission/podnodeselector. */
export function podNodeSelector(config: PodNodeSelectorConfig): AdmissionStage {
  const seen = ({ metadata, spec }: PodTemplate, api: ApiServer): SelectingPod => ({
    namespace: api.namespaces.get(metadata.namespace) ?? { metadata: { name: metadata.namespace } },
    nodeSelector: spec.nodeSelector ?? {},
  })
  return {
    name: 'PodNodeSelector',
    reads: ['Namespace'],
    mutate(template, api) {
      const verdict = selectNodes(seen(template, api), config)
      if (!verdict.ok || Object.keys(verdict.nodeSelector).length === 0) return template
      return { ...template, spec: { ...template.spec, nodeSelector: verdict.nodeSelector } }
    },
    validate: (template, api) => selectorRefusal(seen(template, api), config)?.reason,
  }
}

/**
 * The node selector of a pod with that of its namespace; refused when they conflict, and when the namespace does not allow a label.
 *
 * Source: Kubernetes v1.37, plugin/admission/podnodeselector `Admit`.
 */
export function selectNodes(pod: SelectingPod, config: PodNodeSelectorConfig): NodeSelectorVerdict {
  const ofNamespace = namespaceSelector(pod.namespace, config)
  if (typeof ofNamespace === 'string') return { ok: false, refusal: unreadable(ofNamespace) }
  const nodeSelector = { ...ofNamespace, ...pod.nodeSelector }
  const refusal = selectorRefusal({ ...pod, nodeSelector }, config)
  return refusal === undefined ? { ok: true, nodeSelector } : { ok: false, refusal }
}

/**
 * Why the namespace of a pod does not allow its node selector; undefined when it does.
 *
 * Source: Kubernetes v1.37, plugin/admission/podnodeselector `Validate`.
 */
export function selectorRefusal(
  pod: SelectingPod,
  config: PodNodeSelectorConfig,
): SelectorRefusal | undefined {
  const ofNamespace = namespaceSelector(pod.namespace, config)
  if (typeof ofNamespace === 'string') return unreadable(ofNamespace)
  const isConflict = Object.entries(ofNamespace).some(
    ([key, value]) => (pod.nodeSelector[key] ?? value) !== value,
  )
  if (isConflict) return forbidden('pod node label selector conflicts with its namespace node label selector')
  const allowed = parseLabels(config[pod.namespace.metadata?.name ?? ''] ?? '')
  if (typeof allowed === 'string') return unreadable(allowed)
  const isAllowed =
    Object.keys(allowed).length === 0 ||
    Object.entries(pod.nodeSelector).every(([key, value]) => allowed[key] === value)
  if (isAllowed) return undefined
  return forbidden('pod node label selector labels conflict with its namespace whitelist')
}

function forbidden(reason: string): SelectorRefusal {
  return { reason, isForbidden: true }
}

function unreadable(reason: string): SelectorRefusal {
  return { reason, isForbidden: false }
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
    const ofKey = labelKey(key)
    if (ofKey.length > 0) return `<nil>: Invalid value: "${key}": ${ofKey.join('; ')}`
    const ofValue = labelValue(value)
    if (ofValue.length > 0) return `[${key}]: Invalid value: "${value}": ${ofValue.join('; ')}`
    labels[key] = value
  }
  return labels
}
