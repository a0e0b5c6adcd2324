import type { LimitRange, PersistentVolumeClaim, PodSpec } from '../api/types.generated.ts'
import type { AdmissionStage } from '../cluster/admission.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { draftName } from '../cluster/pod-draft.ts'
import type { PodDraft } from '../cluster/pod-draft.ts'
import { sizedSpec } from '../cluster/sized-spec.ts'
import { objectForbidden, podForbidden } from './forbidden.ts'
import {
  LIMIT_RANGER_ANNOTATION,
  applyLimitRange,
  claimViolations,
  limitRangeViolations,
  violationsText,
} from './limit-ranger.ts'

const KIND = 'LimitRange'

/**
 * Defaults and bounds of the containers of pods, from the LimitRanges of their namespace.
 *
 * Departs from Kubernetes: pods that bring their own size, rows of traces, get no defaults, and are bounded one by one
 * (`startLimitRanges`).
 * Source: kube-apiserver v1.37, plugin/admission/limitranger.
 */
export const limitRanger: AdmissionStage = {
  name: 'LimitRanger',
  reads: [KIND],
  mutate(template, api) {
    if (template.sizing !== 'template') return template
    let { spec } = template
    let note = ''
    for (const limitRange of limitRangesOf(api, template.metadata.namespace)) {
      const limited = applyLimitRange(limitRange, spec)
      spec = limited.spec
      note = limited.annotation || note
    }
    if (note === '') return template
    const annotations = { ...template.metadata.annotations, [LIMIT_RANGER_ANNOTATION]: note }
    return { ...template, metadata: { ...template.metadata, annotations }, spec }
  },
  validate(template, api) {
    if (template.sizing !== 'template') return undefined
    return violationOf(api, template.metadata.namespace, template.spec)
  },
}

/** Has the bounds of LimitRanges hold for pods that bring their own size, and for PersistentVolumeClaims. */
export function startLimitRanges(api: ApiServer): void {
  const refusePod = (draft: PodDraft): string | undefined => {
    const { template, requests } = api.pods.templates.get(draft.template)
    if (template.sizing === 'template') return undefined
    const { cpu = requests.cpu, memory = requests.memory } = draft
    const violation = violationOf(api, template.metadata.namespace, sizedSpec(template, { cpu, memory }))
    return violation === undefined ? undefined : podForbidden(draftName(draft), violation)
  }
  const refuseObject = (kind: string, object: StoredObject): string | undefined => {
    if (kind !== 'PersistentVolumeClaim') return undefined
    const { metadata, spec } = object as PersistentVolumeClaim
    for (const limitRange of limitRangesOf(api, metadata?.namespace ?? '')) {
      const violations = claimViolations(limitRange, spec?.resources?.requests)
      if (violations.length > 0) return objectForbidden(kind, object, violationsText(violations))
    }
    return undefined
  }
  api.gates.add({ name: limitRanger.name, refusePod, refuseObject })
}

function limitRangesOf(api: ApiServer, namespace: string): readonly LimitRange[] {
  const store = api.collection<LimitRange>(KIND)
  return store.size === 0 ? [] : [...store.list()].filter(({ metadata }) => metadata?.namespace === namespace)
}

/** As upstream, the first LimitRange that does not allow the pod says why. */
function violationOf(api: ApiServer, namespace: string, spec: PodSpec): string | undefined {
  for (const limitRange of limitRangesOf(api, namespace)) {
    const violations = limitRangeViolations(limitRange, spec)
    if (violations.length > 0) return violationsText(violations)
  }
  return undefined
}
