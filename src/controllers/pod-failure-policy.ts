import type {
  ContainerStatus,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { podObject } from '../cluster/pod-object.ts'
import type { PodRow } from '../cluster/rows.ts'

/** What a policy says of a failed pod. */
export interface FailureVerdict {
  /** Action of the rule that matched; undefined when none did. */
  readonly action: string | undefined
  /** Whether the failure counts towards the limits. */
  readonly isCounted: boolean
  /** Why the whole job fails, for the action FailJob. */
  readonly failJobMessage?: string
}

const COUNTED: FailureVerdict = { action: undefined, isCounted: true }

/**
 * The verdict of the first rule that matches a failed pod.
 *
 * Source: kube-controller-manager v1.37, job/pod_failure_policy.go `matchPodFailurePolicy`.
 */
export function matchPodFailurePolicy(
  api: ApiServer,
  policy: PodFailurePolicy | undefined,
  row: PodRow,
): FailureVerdict {
  if (policy === undefined) return COUNTED
  for (const [place, rule] of policy.rules.entries()) {
    const matched = matchRule(api, rule, row)
    if (matched === undefined) continue
    const { action } = rule
    if (action !== 'FailJob') return { action, isCounted: action !== 'Ignore' }
    const failJobMessage = `${matched} matching ${action} rule at index ${place}`
    return { action, isCounted: true, failJobMessage }
  }
  return COUNTED
}

/** What of the pod a rule matches, as a message says it; undefined when it does not match. */
function matchRule(api: ApiServer, rule: PodFailurePolicyRule, row: PodRow): string | undefined {
  const key = api.pods.keyOf(row)
  const { onExitCodes, onPodConditions } = rule
  if (onExitCodes !== undefined) {
    const { containerStatuses = [], initContainerStatuses = [] } = api.pods.detailsOf(row)
    const found = [...containerStatuses, ...initContainerStatuses].find((status) =>
      matchesExitCode(onExitCodes, status),
    )
    const code = found?.state?.terminated?.exitCode
    return found && `Container ${found.name} for pod ${key} failed with exit code ${code}`
  }
  if (onPodConditions === undefined || onPodConditions.length === 0) return undefined
  const conditions = podObject(api, row).status?.conditions ?? []
  const found = conditions.find(({ type, status }) =>
    onPodConditions.some((pattern) => pattern.type === type && (pattern.status ?? 'True') === status),
  )
  return found && `Pod ${key} has condition ${found.type}`
}

function matchesExitCode(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  { name, state }: ContainerStatus,
): boolean {
  const code = state?.terminated?.exitCode
  if (code === undefined || code === 0) return false
  if (containerName !== undefined && containerName !== name) return false
  return operator === 'In' ? values.includes(code) : operator === 'NotIn' && !values.includes(code)
}
