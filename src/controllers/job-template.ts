import type { Job, PodTemplateSpec } from '../api/types.generated.ts'
import { COMPLETION_INDEX, INDEX_FAILURES, INDEX_IGNORED_FAILURES, NO_INDEX } from './job-pods.ts'

/** Letters of a generated name before the five that are added (apiserver v1.37, storage/names `MaxGeneratedNameLength`). */
const NAME_BASE_MAX = 58

/** Failures of an index that its next pod is told of; undefined for a job that does not count them by index. */
export interface IndexFailures {
  readonly counted: number
  readonly ignored: number
}

const templates = new WeakMap<PodTemplateSpec, Map<string, PodTemplateSpec>>()

/**
 * The template of a pod of a job: one object for equal pods. An indexed job has one for each index, and with `backoffLimitPerIndex`
 * for each number of failures.
 *
 * Leaves out what only the program in a container would see: `JOB_COMPLETION_INDEX` and the host name.
 * Source: kube-controller-manager v1.37, job_controller.go `manageJob`; without a selector in the spec, the labels that
 * kube-apiserver's registry/batch/job `generateSelector` gives.
 */
export function podTemplateOf(job: Job, index: number, failures: IndexFailures | undefined): PodTemplateSpec {
  const template = job.spec?.template ?? {}
  let known = templates.get(template)
  if (known === undefined) {
    known = new Map()
    templates.set(template, known)
  }
  const { uid = '', name = '' } = job.metadata ?? {}
  const key = `${uid} ${index} ${failures?.counted ?? ''} ${failures?.ignored ?? ''}`
  let made = known.get(key)
  if (made === undefined) {
    const generated = {
      'controller-uid': uid,
      'job-name': name,
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': name,
    }
    const indexed = index === NO_INDEX ? {} : { [COMPLETION_INDEX]: String(index) }
    made = {
      ...template,
      metadata: {
        ...template.metadata,
        labels: {
          ...template.metadata?.labels,
          ...(job.spec?.selector === undefined ? generated : {}),
          ...indexed,
        },
        annotations: { ...template.metadata?.annotations, ...indexed, ...failureAnnotations(failures) },
      },
    }
    known.set(key, made)
  }
  return made
}

function failureAnnotations(failures: IndexFailures | undefined): Readonly<Record<string, string>> {
  if (failures === undefined) return {}
  const { counted, ignored } = failures
  return {
    [INDEX_FAILURES]: String(counted),
    ...(ignored === 0 ? {} : { [INDEX_IGNORED_FAILURES]: String(ignored) }),
  }
}

/** The beginning of the name of a pod of a job (indexed_job_utils.go `podGenerateNameWithIndex`). */
export function podNameBase(job: Job, index: number): string {
  const end = index === NO_INDEX ? '-' : `-${index}-`
  return (job.metadata?.name ?? '').slice(0, NAME_BASE_MAX - end.length) + end
}
