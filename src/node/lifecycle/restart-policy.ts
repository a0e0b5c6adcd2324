import type { Container } from '../../api/types.generated.ts'

/** What comes after the end of a container. */
export type AfterExit = 'stay' | 'restart' | 'restart-all'

/** When containers of a pod start again. */
export type RestartPolicy = 'Always' | 'OnFailure' | 'Never'

/**
 * What comes after a container of a pod exited: the first of its own rules that matches its exit code, else its own policy,
 * else the pod's. A pod's Always means OnFailure for init containers, which end once.
 *
 * Source: Kubernetes v1.37, api/v1/pod `ContainerShouldRestart`, and kubelet/container `ShouldContainerBeRestarted`.
 */
export function afterExit(
  container: Pick<Container, 'restartPolicy' | 'restartPolicyRules'>,
  pod: { readonly restartPolicy: RestartPolicy; readonly isInit: boolean },
  exitCode: number,
): AfterExit {
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    const isListed = (exitCodes?.values ?? []).includes(exitCode)
    const matches = exitCodes?.operator === 'NotIn' ? !isListed : isListed
    if (!matches) continue
    if (action === 'RestartAllContainers') return 'restart-all'
    if (action === 'Restart') return 'restart'
  }
  const own = container.restartPolicy
  const policy = own ?? (pod.isInit && pod.restartPolicy === 'Always' ? 'OnFailure' : pod.restartPolicy)
  if (policy === 'Always') return 'restart'
  return policy === 'OnFailure' && exitCode !== 0 ? 'restart' : 'stay'
}
